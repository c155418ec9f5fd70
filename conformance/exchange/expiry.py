"""Orders that end at an instant: an agenda that forgets what ended before its time."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from conformance.exchange.settings import EXPIRY_SLACK
from conformance.model.ids import Millis
from conformance.model.records import OrderRecord


class Agenda:
    """Good-till-date orders by their last instant."""

    __slots__ = ("_heap", "_live", "_sequence")

    def __init__(self) -> None:
        self._heap: list[tuple[Millis, int, OrderRecord]] = []
        self._live = 0
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, order: OrderRecord, at: Millis) -> None:
        """Note that a resting order ends at ``at``."""
        self._sequence += 1
        self._live += 1
        heappush(self._heap, (at, self._sequence, order))

    def forget(self) -> None:
        """Note that one order of the agenda ended otherwise; drop the dead when they pile up."""
        self._live -= 1
        if len(self._heap) > 2 * self._live + EXPIRY_SLACK:
            self._heap = [entry for entry in self._heap if not entry[2].status.terminal]
            heapify(self._heap)

    def due(self) -> Millis | None:
        """Return the next instant at which an order ends, or None."""
        while self._heap and self._heap[0][2].status.terminal:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def first(self) -> OrderRecord:
        """Return the order that ends first, after ``due`` said when; the caller ends it."""
        return self._heap[0][2]
