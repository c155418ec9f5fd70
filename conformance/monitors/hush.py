"""How long a venue wants silence."""

from __future__ import annotations

from conformance.model.ids import Millis
from conformance.model.study import Study, Told

UNDER_WAY_MS = 50
"""What arrives so soon after the answer was under way already."""


class Hush:
    """Silences that were asked for, by pool; an empty name stands for all calls."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Millis, Millis]] = {}

    def ask(self, now_ms: Millis, told: Told) -> None:
        """Take note of a wish for silence."""
        for pool in told.pools or ("",):
            _, until = self._asked.get(pool, (0, 0))
            self._asked[pool] = (now_ms, max(until, now_ms + told.silent_ms))

    def left_ms(self, now_ms: Millis, study: Study) -> Millis | None:
        """Return for how long a request should still have waited, None when nothing was asked."""
        if not self._asked:
            return None
        left = [
            until - now_ms
            for pool in ("", *[name for name, _ in study.costs])
            for since, until in [self._asked.get(pool, (now_ms, 0))]
            if now_ms - since > UNDER_WAY_MS
        ]
        return max(left, default=None)
