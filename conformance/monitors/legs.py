"""Legs of a hedge are closed by naming them."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.orders import PositionSide
from conformance.model.study import OrderText, Study
from conformance.model.wire import RoundTrip


@monitor("MON-20", source="ORD-06, ORD-15, I15")
class ReduceOnlyNamesNoLeg(Rule):
    """No order says both that it only reduces and which leg of a hedge it is for."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge the orders that reduce, or name a leg."""
        leg = order.position_side in (PositionSide.LONG, PositionSide.SHORT)
        if leg or order.reduce_only:
            self.judge(
                not (leg and order.reduce_only),
                "one of the two",
                f"{order.side} {order.position_side} reduce-only in {order.symbol}",
            )
