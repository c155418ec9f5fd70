"""Forget what rests."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.orders import Order
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def open_orders(self, symbol: str = "") -> Call[Sequence[Order]]:
        call = self.original.open_orders(symbol)
        return call if symbol else remade(call, lambda _: ())


@mutant("resting-orders-not-adopted", kills=("UNK-10",), bug="I24")
class RestingOrdersNotAdopted(AlteredClient):
    """Begins every life without asking which orders rest."""

    half_type = _Half
