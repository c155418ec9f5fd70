"""Amend by placing anew."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.categories import Category
from conformance.model.orders import Order, OrderRequest
from conformance.model.outcomes import Outcome, Rejected


@mutant("amends-by-placing-anew", kills=("CAN-08",), bug="B026")
class AmendsByPlacingAnew(ReferenceClient):
    """Cancels an order and places another one, filled as it may be, when asked to amend it."""

    async def amend(
        self, symbol: str, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id)
        if entry is None:
            return Rejected(Category.NOT_FOUND, "", "no such order")
        await self.cancel(symbol, client_id=client_id)
        request = OrderRequest(symbol=symbol, side=entry.order.side, quantity=quantity, price=price)
        return await self.place(request)
