"""Funding rates: what comes next, and what was charged.

Source: usds-margined-futures/market-data Get-Funding-Rate-History and Get-Funding-Rate-Info,
2026-05-28; change log 2026-07-23 (rateType). A perpetual whose rate was never set charges
nothing, and says so.
"""

from __future__ import annotations

import orjson

from conformance.contracts.core import Core
from conformance.model.ids import Millis
from conformance.model.records import FundingRecord
from conformance.venues.binance_usdm.facts import ENDPOINTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.numbers import atoms_text

INTEREST = "0.00010000"
"""The interest component of the rate: 0.01 % in eight hours."""
_CAP, _FLOOR = "0.02000000", "-0.02000000"
_LATEST = 200
"""Rows without any time asked for."""
_HOUR_MS: Millis = 3600 * 1000
_DEFAULT_H = 8


class Fundings:
    """The endpoints of funding."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def history(self, call: Call) -> bytes:
        """GET /fapi/v1/fundingRate: ascending; without times the latest 200."""
        terms = self._desk.terms_if_sent(call)
        kept = limit_of(ENDPOINTS["funding-rate"], call.params)
        start, end = whole(call.params, "startTime"), whole(call.params, "endTime")
        if start is not None and end is not None and start > end:
            raise Refused(-1023)
        rows = [
            record
            for symbol in ([terms.symbol] if terms else self._desk.terms)
            for record in self._core.fundings(symbol)
            if (start is None or record.at >= start) and (end is None or record.at <= end)
        ]
        rows.sort(key=lambda record: record.at)
        if start is None and end is None:
            rows = rows[-_LATEST:]
        chosen = rows[-kept:] if start is None else rows[:kept]
        return orjson.dumps([_row(record) for record in chosen])

    def info(self, _call: Call) -> bytes:
        """GET /fapi/v1/fundingInfo: only symbols whose interval is not the usual one."""
        return orjson.dumps(
            [
                {
                    "symbol": symbol,
                    "adjustedFundingRateCap": _CAP,
                    "adjustedFundingRateFloor": _FLOOR,
                    "fundingIntervalHours": self._core.funding(symbol).interval_h,
                    "disclaimer": False,
                }
                for symbol in self._desk.terms
                if self._core.funding(symbol).interval_h != _DEFAULT_H
            ]
        )


def rate_text(core: Core, terms: Terms) -> str:
    """Return the rate that will be charged next."""
    return atoms_text(core.funding(terms.symbol).rate)


def next_funding(core: Core, terms: Terms, at: Millis) -> Millis:
    """Return the next funding instant after ``at``."""
    planned = core.funding(terms.symbol)
    if planned.next_ms is not None:
        return planned.next_ms
    interval = planned.interval_h * _HOUR_MS
    return (at // interval + 1) * interval


def _row(record: FundingRecord) -> dict[str, object]:
    return {
        "symbol": record.symbol,
        "fundingTime": record.at,
        "fundingRate": atoms_text(record.rate),
        "markPrice": atoms_text(record.mark),
        "rateType": "Special" if record.special else "Regular",
    }
