"""Take all money for free money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.orders import Balance
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def balances(self) -> Call[Sequence[Balance]]:
        def rich(rows: Sequence[Balance]) -> Sequence[Balance]:
            return [replace(row, available=row.wallet) for row in rows]

        return remade(self.original.balances(), rich)


@mutant("bound-money-told-as-free", kills=("POS-13",), bug="ccxt/ccxt#17831")
class BoundMoneyToldAsFree(AlteredClient):
    """Tells the whole wallet as free, whatever orders and positions need of it."""

    half_type = _Half
