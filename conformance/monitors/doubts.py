"""Which orders' fate the testee cannot know."""

from __future__ import annotations

from conformance.model.categories import Category
from conformance.model.ids import Millis
from conformance.model.study import PLACING, OrderText, Study, Told
from conformance.model.wire import Operation, RoundTrip

LISTINGS = frozenset(
    {Operation.OPEN_ORDERS, Operation.ORDER_HISTORY, Operation.ACCOUNT, Operation.FILL_HISTORY}
)
"""Answers that tell of all orders."""
TELLING = (
    PLACING
    | LISTINGS
    | {Operation.QUERY_ORDER, Operation.QUERY_OPEN_ORDER, Operation.CANCEL, Operation.AMEND}
)
"""Answers that raise doubts, or end them."""
LOST_MS = 2_000
"""An answer that takes longer is no longer simply on its way."""


class Doubts:
    """Orders in flight or without a definite answer, until the venue has told of them."""

    def __init__(self) -> None:
        self._doubts: dict[str, tuple[OrderText, Millis, bool]] = {}

    def enter(self, order: OrderText, now_ms: Millis) -> None:
        """Take note of an order on its way."""
        self._doubts[order.client_id] = (order, now_ms, False)

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """Take note of an answer: it ends doubts, or makes them certain."""
        operation, category = trip.reading.operation, told.category
        if operation in PLACING:
            for order in study.orders:
                if category is None or category.definite:
                    self._doubts.pop(order.client_id, None)
                elif order.client_id in self._doubts:
                    _, since, _ = self._doubts[order.client_id]
                    self._doubts[order.client_id] = (order, since, True)
        elif category in (None, Category.NOT_FOUND):
            for target in study.targets:
                self._doubts.pop(target, None)
            if category is None and operation in LISTINGS:
                self._doubts.clear()

    def told(self, client_id: str) -> None:
        """Take note that a stream told of an order."""
        self._doubts.pop(client_id, None)

    def about(self, client_id: str) -> bool:
        """Say whether the fate of the order of this name is in doubt."""
        return client_id in self._doubts

    def twin(self, order: OrderText, now_ms: Millis) -> str:
        """Return the name of an order that is the same in all else, and whose answer is lost."""
        for client_id, (other, since, certain) in self._doubts.items():
            if (
                client_id != order.client_id
                and (certain or now_ms - since > LOST_MS)
                and other._replace(client_id=order.client_id) == order
            ):
                return client_id
        return ""

    def clear(self) -> None:
        """Forget everything."""
        self._doubts.clear()
