"""Trade what does not trade."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Catalogue
from conformance.model.instruments import Phase
from conformance.mutants.altered import Altered, AlteredClient, remade_catalogue


class _Half(Altered):
    def catalogue(self) -> Call[Catalogue]:
        return remade_catalogue(self.original.catalogue(), _open)


def _open(catalogue: Catalogue) -> Catalogue:
    rows = [replace(row, phase=Phase.TRADING) for row in catalogue.instruments]
    return replace(catalogue, instruments=rows)


@mutant("every-symbol-trades", kills=("MKT-02", "MKT-03"), bug="B085")
class EverySymbolTrades(AlteredClient):
    """Shows every listed symbol as one that trades."""

    half_type = _Half
