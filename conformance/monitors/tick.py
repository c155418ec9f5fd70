"""Prices are on their grid."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import Rule, monitor
from conformance.model.study import OrderText, Study
from conformance.model.wire import RoundTrip
from conformance.monitors.numerals import number


@monitor("MON-12", source="ORD-12, B092")
class PricesAreOnTick(Rule):
    """Every price is a positive multiple of the instrument's tick."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge the price of each order sent."""
        listing, price = self.scene.listings.get(order.symbol), number(order.price)
        if listing is not None and price is not None:
            self.judge(
                price > Decimal(0) and listing.prices.units(price) is not None,
                f"a multiple of {listing.tick:f}",
                f"{order.price} in {order.symbol}",
            )
