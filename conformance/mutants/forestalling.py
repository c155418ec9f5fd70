"""Cancel on paper what has no number yet."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order, Status
from conformance.model.outcomes import Accepted, Outcome


@mutant("unanswered-order-cancelled-on-paper", kills=("CAN-14",), bug="hummingbot/hummingbot#1042")
class UnansweredOrderCancelledOnPaper(ReferenceClient):
    """Drops an order that it has no id of yet, instead of cancelling it at the venue."""

    async def cancel(
        self, symbol: str, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        entry = self._orders.find(symbol, client_id=client_id, venue_id=venue_id)
        if entry is not None and not entry.order.venue_id:
            self._orders.conclude(symbol, client_id, Status.CANCELLED, "cancelled in time")
            return Accepted(replace(entry.order, status=Status.CANCELLED))
        return await super().cancel(symbol, client_id=client_id, venue_id=venue_id)
