"""Bytes that leave in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple


class Pace(NamedTuple):
    """Pieces of ``size`` bytes, one ``every_ms``."""

    size: int
    every_ms: int


class Drip:
    """Writes to a transport piece by piece; what is fed later waits behind."""

    def __init__(
        self,
        transport: asyncio.Transport,
        pace: Pace,
        drained: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._pace = pace
        self._drained = drained
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Write ``data`` in pieces, the first one at once if nothing waits; never empty."""
        self._rest += data
        if self._timer is None:
            self._piece()

    def rush(self) -> None:
        """Write all that waits at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._transport.write(self._rest)
            self._rest = b""

    def stop(self) -> None:
        """Forget what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._rest = b""

    def _piece(self) -> None:
        self._timer = None
        if not self._rest:
            self._drained()
            return
        size, every_ms = self._pace
        piece, self._rest = self._rest[:size], self._rest[size:]
        self._transport.write(piece)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(every_ms / 1000, self._piece)
