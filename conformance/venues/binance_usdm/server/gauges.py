"""Mark price, index and premium as candles, and what the index is made of.

Source: usds-margined-futures/market-data Mark-Price-Kline-Candlestick-Data and its neighbours,
2026-05-28: rows of klines with nothing traded; the ninth column counts the samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

from conformance.model.ids import Millis
from conformance.model.money import from_atoms
from conformance.venues.binance_usdm.facts import Endpoint
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.intervals import LENGTHS, bounds
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import text, whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.gauges import Gauges, Sample, bars
from conformance.venues.numbers import money


class Indicators:
    """The endpoints of what was never traded."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core
        self.gauges = Gauges(desk.terms, desk.core)
        """Take note of every move of mark price and index."""

    def mark_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/markPriceKlines."""
        terms = self._desk.terms_of(call)
        return _klines(call, self.gauges.marks(terms.symbol, call.at))

    def index_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/indexPriceKlines."""
        terms = pair_of(call, self._desk)
        return _klines(call, self.gauges.indices(terms.symbol, call.at))

    def premium_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/premiumIndexKlines: (mark - index) / index."""
        terms = self._desk.terms_of(call)
        return _klines(call, self.gauges.premiums(terms.symbol, call.at))

    def constituents(self, call: Call) -> bytes:
        """GET /fapi/v1/constituents: the index of the simulated venue has one source."""
        terms = self._desk.terms_of(call)
        index = money(from_atoms(self._core.index(terms.symbol)))
        row = {"exchange": "binance", "symbol": terms.symbol, "price": index}
        row["weight"] = "1.00000000"
        return orjson.dumps({"symbol": terms.symbol, "time": call.at, "constituents": [row]})


def pair_of(call: Call, desk: Desk) -> Terms:
    """Return the perpetual of a pair; raise Refused (-1102, -4144)."""
    name = text(call.params, "pair")
    found = desk.terms.get(name) or desk.terms.get(name.upper())
    if found is None:
        raise Refused(-4144)
    return found


def kline_window(call: Call, endpoint: Endpoint) -> tuple[str, int, Millis | None, Millis]:
    """Return interval, number of rows, beginning and end of the candles that are asked for."""
    interval = text(call.params, "interval")
    if interval not in LENGTHS:
        raise Refused(-1120)
    kept = limit_of(endpoint, call.params)
    start, sent = whole(call.params, "startTime"), whole(call.params, "endTime")
    end = call.at if sent is None else min(call.at, sent)
    return interval, kept, start, end


def _klines(call: Call, samples: Sequence[Sample]) -> bytes:
    endpoint = call.endpoint
    assert endpoint is not None
    interval, kept, start, end = kline_window(call, endpoint)
    rows = [
        _row(*span, prices)
        for span, prices in bars(samples, partial(bounds, interval), end)
        if start is None or span[0] >= start
    ]
    return orjson.dumps(rows[-kept:] if start is None else rows[:kept])


def _row(opened: Millis, closed: Millis, prices: Sequence[Decimal]) -> list[Any]:
    ends = [money(prices[0]), money(max(prices)), money(min(prices)), money(prices[-1])]
    return [opened, *ends, "0", closed, "0", len(prices) - 1, "0", "0", "0"]
