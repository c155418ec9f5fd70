"""Take the precision for the tick."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Catalogue
from conformance.mutants.altered import Altered, AlteredClient, remade_catalogue


class _Half(Altered):
    def catalogue(self) -> Call[Catalogue]:
        return remade_catalogue(self.original.catalogue(), _finer)


def _finer(catalogue: Catalogue) -> Catalogue:
    rows = [replace(row, tick=row.tick / 10) for row in catalogue.instruments]
    return replace(catalogue, instruments=rows)


@mutant("precision-taken-for-tick", kills=("MKT-01",), bug="B091")
class PrecisionTakenForTick(AlteredClient):
    """Takes the number of decimals shown for the step of prices."""

    half_type = _Half
