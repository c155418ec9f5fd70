"""Orders have names."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import PLACING, OrderText, Study
from conformance.model.wire import RoundTrip


@monitor("MON-15", source="ORD-16, UNK-10, I24")
class OrdersAreNamed(Rule):
    """Every new order carries a client id: without one a lost answer cannot be looked up."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge each new order."""
        if trip.reading.operation in PLACING:
            self.judge(order.client_id, "a client id", f"an order in {order.symbol} without one")
