"""Candle intervals by the venue's names.

Source: docs/v5/enum, interval, 2026-07-24.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.model.ids import Millis
from conformance.venues.candles import DAY, HOUR, MINUTE, MONTH, WEEK

LENGTHS: Mapping[str, Millis] = {
    "1": MINUTE,
    "3": 3 * MINUTE,
    "5": 5 * MINUTE,
    "15": 15 * MINUTE,
    "30": 30 * MINUTE,
    "60": HOUR,
    "120": 2 * HOUR,
    "240": 4 * HOUR,
    "360": 6 * HOUR,
    "720": 12 * HOUR,
    "D": DAY,
    "W": WEEK,
    "M": MONTH,
}
"""Length of each interval."""
