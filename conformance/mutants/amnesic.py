"""Forget what rests."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import Call, Page
from conformance.model.orders import Order
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def open_orders(self, symbol: str = "") -> Call[Page[Order]]:
        call = self.original.open_orders(symbol)
        return call if symbol else remade(call, lambda _: Page(()))


@mutant("resting-orders-not-adopted", kills=("UNK-10",), bug="I24")
class RestingOrdersNotAdopted(AlteredClient):
    """Begins every life without asking which orders rest."""

    half_type = _Half
