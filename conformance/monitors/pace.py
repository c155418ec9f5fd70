"""Count what happens in a sliding minute."""

from __future__ import annotations

from collections import deque

from conformance.model.ids import Millis


class Pace:
    """Sums units over the window that ends now."""

    __slots__ = ("_log", "_sum", "_window_ms")

    def __init__(self, window_ms: int = 60_000) -> None:
        self._window_ms = window_ms
        self._log: deque[tuple[Millis, int]] = deque()
        self._sum = 0

    def add(self, now_ms: Millis, units: int = 1) -> int:
        """Count units; return the sum of the window."""
        log = self._log
        while log and log[0][0] <= now_ms - self._window_ms:
            self._sum -= log.popleft()[1]
        log.append((now_ms, units))
        self._sum += units
        return self._sum
