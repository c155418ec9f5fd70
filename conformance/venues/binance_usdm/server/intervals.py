"""Candle intervals by the venue's names.

Source: usds-margined-futures/common-definition, 2026-05-28.
"""

from __future__ import annotations

from conformance.model.ids import Millis
from conformance.venues import candles
from conformance.venues.candles import DAY, HOUR, MINUTE, MONTH, WEEK, Span

LENGTHS: dict[str, Millis] = {
    "1m": MINUTE,
    "3m": 3 * MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "4h": 4 * HOUR,
    "6h": 6 * HOUR,
    "8h": 8 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": WEEK,
    "1M": MONTH,
}
"""Length of each interval."""


def bounds(interval: str, at: Millis) -> Span:
    """Return the first and the last millisecond of the candle that holds ``at``."""
    return candles.bounds(LENGTHS[interval], at)
