"""Published limits as replies tell them.

Source: usds-margined-futures/market-data Exchange-Information, 2026-05-28.
"""

from __future__ import annotations

from typing import Any

from conformance.venues.binance_usdm.facts import FACTS

_INTERVALS = {10_000: ("SECOND", 10), 60_000: ("MINUTE", 1)}


def rate_limit(kind: str, pool: str) -> dict[str, Any]:
    """Return one published limit."""
    rule = FACTS["limits"][pool]
    interval, number = _INTERVALS[rule["window_ms"]]
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": rule["units"],
    }
