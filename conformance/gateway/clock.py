"""The venue's clock: the process's clock (virtual in a run) plus a step."""

from __future__ import annotations

import time

from conformance.model.ids import Millis

NS_PER_MS = 1_000_000


class Clock:
    """Epoch milliseconds as the venue sees them."""

    __slots__ = ("offset_ms",)

    def __init__(self) -> None:
        self.offset_ms = 0

    def now(self) -> Millis:
        """Return the venue's time."""
        return time.time_ns() // NS_PER_MS + self.offset_ms

    def seconds_until(self, at: Millis) -> float:
        """Return how long it is until the venue's clock shows ``at`` (0 when it is past)."""
        return max(0, (at - self.offset_ms) * NS_PER_MS - time.time_ns()) / 1e9
