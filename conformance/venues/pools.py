"""Rate-limit pools: what each owner has used, in windows of the clock or in a rolling one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from conformance.model.ids import Millis

_OWNERS_KEPT = 10_000


class Pool:
    """Units used by each owner in the present window of the clock."""

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


class Rolling:
    """Units used by each owner in the last ``window_ms``."""

    __slots__ = ("_used", "limit", "window_ms")

    def __init__(self, limit: int, window_ms: Millis) -> None:
        self.limit = limit
        self.window_ms = window_ms
        self._used: dict[str, deque[Millis]] = {}

    def charge(self, owner: str, units: int, at: Millis) -> int:
        """Count up to ``units`` for ``owner``; return how many of them fitted."""
        if len(self._used) > _OWNERS_KEPT:
            self._used.clear()
        used = self._past(owner, at)
        granted = min(units, self.limit - len(used))
        used.extend([at] * granted)
        return granted

    def left(self, owner: str, at: Millis) -> int:
        """Return how many units ``owner`` may still use."""
        return self.limit - len(self._past(owner, at))

    def reset(self, owner: str, at: Millis) -> Millis:
        """Return when a unit is free again; ``at`` when one is."""
        used = self._past(owner, at)
        return used[0] + self.window_ms if len(used) >= self.limit else at

    def _past(self, owner: str, at: Millis) -> deque[Millis]:
        used = self._used.setdefault(owner, deque())
        while used and used[0] <= at - self.window_ms:
            used.popleft()
        return used
