"""Count what one did oneself."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Fill


class _Orders(Orders):
    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        entry = self.find(fill.symbol, client_id=fill.client_id, venue_id=venue_id)
        if entry is None or not entry.order.own:
            return None
        return super().count(fill, venue_id)


@mutant("forced-fills-not-counted", kills=("FND-05", "FND-06", "FND-07"), bug="B084")
class ForcedFillsNotCounted(ReferenceClient):
    """Counts the executions of its own orders: those that the venue forces are not there."""

    orders_type = _Orders
