"""The venue's time, carried by the monotonic clock: steps of the wall clock do not reach it."""

from __future__ import annotations

import time

from conformance.model.ids import Millis


class Clock:
    """An estimate of the venue's clock, good to half the round trip it was measured with."""

    def __init__(self) -> None:
        self._server_ms: float = time.time() * 1000
        self._taken_s = time.monotonic()
        self.synced = False

    def now_ms(self) -> Millis:
        """Return the venue's time; the wall clock's before the first measurement."""
        return int(self._server_ms + (time.monotonic() - self._taken_s) * 1000)

    def set(self, server_ms: Millis, sent_s: float, received_s: float) -> None:
        """Take a measurement: the venue said ``server_ms`` between two monotonic instants."""
        self._server_ms = server_ms
        self._taken_s = (sent_s + received_s) / 2
        self.synced = True
