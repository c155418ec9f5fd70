"""Take a refused change for the end of the order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Taken
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Outcome, Rejected


@mutant("refused-change-ends-the-order", kills=("CAN-12", "CAN-15"), bug="QuantConnect/Lean#1053")
class RefusedChangeEndsTheOrder(ReferenceClient):
    """Marks an order as rejected when the venue rejects to cancel or to amend it."""

    async def _cancelled(
        self, symbol: str, client_id: str, venue_id: str, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if entry is not None and self._ended(entry.order, outcome):
            return await self._unchanged(outcome)
        return await super()._cancelled(symbol, client_id, venue_id, outcome)

    async def _amended(
        self, order: Order, price: Decimal, quantity: Decimal, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        if self._ended(order, outcome):
            return await self._unchanged(outcome)
        return await super()._amended(order, price, quantity, outcome)

    async def _unchanged(self, outcome: Outcome[Taken]) -> Outcome[Order]:
        assert isinstance(outcome, Rejected)
        return outcome

    def _ended(self, order: Order, outcome: Outcome[Taken]) -> bool:
        refused = isinstance(outcome, Rejected) and outcome.category.definite
        if refused:
            self._orders.merge(replace(order, status=Status.REJECTED), latest=True)
        return refused
