"""Numbers are written plainly."""

from __future__ import annotations

import re

from conformance.cases import Rule, monitor
from conformance.model.study import OrderText, Study
from conformance.model.wire import RoundTrip

_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII).fullmatch


@monitor("MON-14", source="ORD-12, MKT-13, B092")
class NumbersArePlain(Rule):
    """Every number of an order is plain decimal text: no exponent, no sign of plus, no blank."""

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge all numbers of each order sent."""
        for text in (order.price, order.quantity, *order.further):
            if text:
                self.judge(_PLAIN(text), "plain decimal text", repr(text))
