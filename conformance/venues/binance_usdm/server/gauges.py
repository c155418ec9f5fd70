"""Mark price, index and premium as candles, and what the index is made of.

Source: usds-margined-futures/market-data Mark-Price-Kline-Candlestick-Data and its neighbours,
2026-05-28: rows of klines with nothing traded; the ninth column counts the samples.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from conformance.model.events import IndexChanged, MarkChanged
from conformance.model.ids import Atoms, Millis, Symbol
from conformance.model.money import from_atoms
from conformance.venues.binance_usdm.facts import Endpoint
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.intervals import LENGTHS, bounds
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import text, whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.numbers import money

Sample: TypeAlias = tuple[Millis, Decimal]
_SAMPLES_KEPT = 10_000
_ATOM = Decimal("0.00000001")


class Gauges:
    """Remembers how mark price and index moved."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core
        self._marks = {symbol: deque[Sample](maxlen=_SAMPLES_KEPT) for symbol in desk.terms}
        self._indices = {symbol: deque[Sample](maxlen=_SAMPLES_KEPT) for symbol in desk.terms}
        self._premiums = {symbol: deque[Sample](maxlen=_SAMPLES_KEPT) for symbol in desk.terms}

    def note(self, event: MarkChanged | IndexChanged, at: Millis) -> None:
        """Remember where a price went."""
        kept = self._marks if isinstance(event, MarkChanged) else self._indices
        kept[event.symbol].append((at, from_atoms(event.price)))
        self._premiums[event.symbol].append((at, self._premium(event.symbol)))

    def mark_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/markPriceKlines."""
        terms = self._desk.terms_of(call)
        return self._klines(call, self._marks[terms.symbol], self._core.mark(terms.symbol))

    def index_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/indexPriceKlines."""
        terms = pair_of(call, self._desk)
        return self._klines(call, self._indices[terms.symbol], self._core.index(terms.symbol))

    def premium_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/premiumIndexKlines: (mark - index) / index."""
        terms = self._desk.terms_of(call)
        now = self._premium(terms.symbol)
        return self._klines(call, self._premiums[terms.symbol], int(now.scaleb(8)))

    def constituents(self, call: Call) -> bytes:
        """GET /fapi/v1/constituents: the index of the simulated venue has one source."""
        terms = self._desk.terms_of(call)
        index = money(from_atoms(self._core.index(terms.symbol)))
        row = {"exchange": "binance", "symbol": terms.symbol, "price": index}
        row["weight"] = "1.00000000"
        return orjson.dumps({"symbol": terms.symbol, "time": call.at, "constituents": [row]})

    def _premium(self, symbol: Symbol) -> Decimal:
        index = self._core.index(symbol)
        return (Decimal(self._core.mark(symbol) - index) / index).quantize(_ATOM)

    def _klines(self, call: Call, samples: Sequence[Sample], now: Atoms) -> bytes:
        endpoint = call.endpoint
        assert endpoint is not None
        interval, kept, start, end = kline_window(call, endpoint)
        seen = list(samples) or [(call.at, from_atoms(now))]
        opened, closed = bounds(interval, seen[0][0])
        rows: list[list[Any]] = []
        close, number = seen[0][1], 0
        while opened <= end:
            inside = [close]
            while number < len(seen) and seen[number][0] <= closed:
                inside.append(seen[number][1])
                number += 1
            close = inside[-1]
            if start is None or opened >= start:
                rows.append(_row(opened, closed, inside))
            opened, closed = bounds(interval, closed + 1)
        return orjson.dumps(rows[-kept:] if start is None else rows[:kept])


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


def _row(opened: Millis, closed: Millis, prices: Sequence[Decimal]) -> list[Any]:
    ends = [money(prices[0]), money(max(prices)), money(min(prices)), money(prices[-1])]
    return [opened, *ends, "0", closed, "0", len(prices) - 1, "0", "0", "0"]
