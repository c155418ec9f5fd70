"""Quantities are on their grid."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import Rule, monitor
from conformance.model.study import OrderText, Study
from conformance.model.wire import RoundTrip
from conformance.monitors.numerals import number


@monitor("MON-13", source="ORD-12, B092")
class QuantitiesAreOnStep(Rule):
    """Every quantity is a positive multiple of the instrument's step."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge the quantity of each order sent."""
        listing, quantity = self.scene.listings.get(order.symbol), number(order.quantity)
        if listing is not None and quantity is not None:
            self.judge(
                quantity > Decimal(0) and listing.quantities.units(quantity) is not None,
                f"a multiple of {listing.step:f}",
                f"{order.quantity} in {order.symbol}",
            )
