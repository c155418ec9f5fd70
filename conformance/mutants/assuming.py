"""Assume the usual position mode."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def hedge(self, symbol: str) -> Call[bool]:
        return remade(self.original.hedge(symbol), lambda _: False)


@mutant("one-way-mode-assumed", kills=("ORD-15", "POS-04", "POS-06"), bug="B055")
class OneWayModeAssumed(AlteredClient):
    """Makes every order for one-way mode, whatever mode the account is in."""

    half_type = _Half
