"""The ban of who does not stop.

Source: usds-margined-futures/general-info, LIMITS, 2026-05-28. The number of requests that
turns 429 into 418 is not published and therefore a switch.
"""

from __future__ import annotations

from conformance.model.ids import Millis


class Bans:
    """Addresses that went on after 429: 418 for two minutes, doubling up to three days."""

    __slots__ = ("_after", "_first_ms", "_last_ms", "_max_ms", "_strikes", "_until")

    def __init__(self, after: int, first_ms: Millis, max_ms: Millis) -> None:
        self._after = after
        self._first_ms = first_ms
        self._max_ms = max_ms
        self._strikes: dict[str, tuple[int, int]] = {}
        self._until: dict[str, Millis] = {}
        self._last_ms: dict[str, Millis] = {}

    def until(self, peer: str, at: Millis) -> Millis | None:
        """Return the end of the ban in force, or None."""
        until = self._until.get(peer)
        return until if until is not None and until > at else None

    def strike(self, peer: str, window: int, at: Millis) -> Millis | None:
        """Count a request refused with 429; return the end of the ban it brings, or None."""
        last, count = self._strikes.get(peer, (window, 0))
        count = count + 1 if last == window else 1
        self._strikes[peer] = (window, count)
        if count <= self._after:
            return None
        length = min(self._max_ms, 2 * self._last_ms.get(peer, 0) or self._first_ms)
        self._last_ms[peer] = length
        self._strikes.pop(peer)
        self._until[peer] = at + length
        return at + length
