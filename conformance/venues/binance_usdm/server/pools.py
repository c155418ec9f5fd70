"""Rate-limit pools: fixed windows aligned to the clock, and the ban of who does not stop.

Source: usds-margined-futures/general-info, LIMITS, 2026-05-28. Alignment to the minute and to
ten seconds is inferred from the header names; the number of requests that turns 429 into 418 is
not published and therefore a switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model.ids import Millis

_OWNERS_KEPT = 10_000


class Pool:
    """Units used per owner in the present window."""

    __slots__ = ("_used", "_window", "limit", "window_ms")

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self.limit: int = rule["units"]
        self.window_ms: Millis = rule["window_ms"]
        self._window = -1
        self._used: dict[str, int] = {}

    def used(self, owner: str, at: Millis) -> int:
        """Return what ``owner`` has used in the window of ``at``."""
        if at // self.window_ms != self._window:
            return 0
        return self._used.get(owner, 0)

    def charge(self, owner: str, units: int, at: Millis) -> int:
        """Count ``units`` for ``owner`` and return what is used now."""
        window = at // self.window_ms
        if window != self._window or len(self._used) > _OWNERS_KEPT:
            self._window = window
            self._used.clear()
        used = self._used[owner] = self._used.get(owner, 0) + units
        return used

    def fits(self, owner: str, units: int, at: Millis) -> bool:
        """Say whether ``owner`` may use ``units`` more."""
        return self.used(owner, at) + units <= self.limit

    def left_ms(self, at: Millis) -> Millis:
        """Return how long the window of ``at`` still lasts."""
        return self.window_ms - at % self.window_ms


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
