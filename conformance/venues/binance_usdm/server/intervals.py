"""Candle intervals: where each begins and ends.

Source: usds-margined-futures/common-definition, 2026-05-28.
"""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.model.ids import Millis

_MINUTE: Millis = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MONDAY: Millis = 4 * _DAY
"""The first Monday after the epoch, which was a Thursday."""

LENGTHS: dict[str, Millis] = {
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "8h": 8 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": _DAY,
    "3d": 3 * _DAY,
    "1w": 7 * _DAY,
    "1M": 0,
}
"""Length of each interval; a month has none of its own."""


def bounds(interval: str, at: Millis) -> tuple[Millis, Millis]:
    """Return the first and the last millisecond of the candle that holds ``at``."""
    length = LENGTHS[interval]
    if not length:
        return _month(at)
    offset = _MONDAY if interval == "1w" else 0
    opened = (at - offset) // length * length + offset
    return opened, opened + length - 1


def _month(at: Millis) -> tuple[Millis, Millis]:
    first = datetime.fromtimestamp(at // 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return _epoch_ms(first), _epoch_ms(after) - 1


def _epoch_ms(moment: datetime) -> Millis:
    return int(moment.timestamp()) * 1000
