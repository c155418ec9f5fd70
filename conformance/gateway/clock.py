"""The venue's clock: the process's clock (virtual in a run) plus a step and a drift."""

from __future__ import annotations

import time

from conformance.model.ids import Millis

NS_PER_MS = 1_000_000
MILLION = 1_000_000


class Clock:
    """Epoch milliseconds as the venue sees them."""

    __slots__ = ("_ppm", "_since_ns", "offset_ms")

    def __init__(self) -> None:
        self.offset_ms = 0
        self._ppm = 0
        self._since_ns = 0

    def now(self) -> Millis:
        """Return the venue's time."""
        if self._ppm:
            return self._drifted(time.time_ns()) // NS_PER_MS + self.offset_ms
        return time.time_ns() // NS_PER_MS + self.offset_ms

    def seconds_until(self, at: Millis) -> float:
        """Return how long it is until the venue's clock shows ``at`` (0 when it is past)."""
        left_ns = (at - self.offset_ms) * NS_PER_MS - self._drifted(time.time_ns())
        return max(0, left_ns * MILLION // (MILLION + self._ppm)) / 1e9

    def drift(self, ppm: int) -> None:
        """Run ``ppm`` millionths faster from now on; what it has gained is kept."""
        self.offset_ms += (self._drifted(time.time_ns()) - time.time_ns()) // NS_PER_MS
        self._ppm, self._since_ns = ppm, time.time_ns()

    def _drifted(self, ns: int) -> int:
        return ns + (ns - self._since_ns) * self._ppm // MILLION
