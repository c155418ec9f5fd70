"""Public market data over REST: books, trades, candles, tickers, funding.

Source: docs/v5/market, 2026-07-24.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from conformance.model.ids import Millis, Symbol
from conformance.model.money import from_atoms
from conformance.venues.bybit.listings import LINEAR
from conformance.venues.bybit.server.answers import Answer, invalid
from conformance.venues.bybit.server.books import RETAIL
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk, line_of
from conformance.venues.bybit.server.intervals import LENGTHS
from conformance.venues.bybit.server.pages import limit_of
from conformance.venues.bybit.server.params import Params, optional, whole
from conformance.venues.bybit.server.tape import DEEPEST, Tape, sequence_of
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.tickers import figures, future, holders, open_lots, turnover
from conformance.venues.bybit.server.words import SIDES
from conformance.venues.candles import DAY, HOUR, MINUTE, Span, bounds, filled, flat
from conformance.venues.candles import candles as joined
from conformance.venues.gauges import Gauges, Sample, bars
from conformance.venues.numbers import plain, stripped

_INTEREST = {"5min": 5 * MINUTE, "15min": 15 * MINUTE, "30min": 30 * MINUTE} | {
    "1h": HOUR,
    "4h": 4 * HOUR,
    "1d": DAY,
}


class Market:
    """The endpoints anyone may call."""

    def __init__(self, desk: Desk, tapes: Mapping[Symbol, Tape]) -> None:
        self._desk = desk
        self._core = desk.core
        self._tapes = tapes
        self.gauges = Gauges(desk.terms, desk.core)
        """Take note of every move of mark price and index."""

    def time(self, call: Call) -> Answer:
        """GET /v5/market/time."""
        at = call.at
        return Answer({"timeSecond": str(at // 1000), "timeNano": str(at * 1_000_000)})

    def orderbook(self, call: Call) -> Answer:
        """GET /v5/market/orderbook and full_orderbook: ``u`` is that of the 1000-level stream."""
        terms = self._desk.terms_of(call.params)
        return self._book(call, terms, DEEPEST, lambda lots: [terms.quantity.text(lots)])

    def rpi_orderbook(self, call: Call) -> Answer:
        """GET /v5/market/rpi_orderbook: quantities without and with RPI orders; there are none."""
        terms = self._desk.terms_of(call.params)
        return self._book(call, terms, RETAIL, lambda lots: [terms.quantity.text(lots), "0"])

    def tickers(self, call: Call) -> Answer:
        """GET /v5/market/tickers."""
        category = line_of(call.params)
        rows = []
        for terms in self._desk.terms_in(call.params):
            row = figures(terms, self._core, self._tapes[terms.symbol], call.at)
            del row["tickDirection"]  # of the stream alone
            dated = future(terms, self._core, call.at) or {"deliveryTime": "0"}
            rows.append({**dict.fromkeys(_BLANK, ""), **row, **dated})
        return Answer({"category": category, "list": rows})

    def trades(self, call: Call) -> Answer:
        """GET /v5/market/recent-trade: newest first; the sequence is text here."""
        terms, kept = self._desk.terms_of(call.params), limit_of(call)
        rows = [
            {
                "execId": self._desk.ids.trade(trade),
                "symbol": terms.symbol,
                "price": terms.price.text(trade.price),
                "size": terms.quantity.text(trade.quantity),
                "side": SIDES[trade.taker_side],
                "time": str(trade.at),
                "isBlockTrade": False,
                "isRPITrade": False,
                "seq": str(sequence_of(trade.trade_id)),
            }
            for trade in reversed(self._core.trades(terms.symbol)[-kept:])
        ]
        return Answer({"category": terms.category, "list": rows})

    def klines(self, call: Call) -> Answer:
        """GET /v5/market/kline: a quiet interval is flat at the close before it.

        Before the first trade there is the present interval alone, as the stream tells it.
        """
        terms, spans, start, end = self._candles(call)
        trades = self._core.trades(terms.symbol)
        last = terms.listing.prices.floor(from_atoms(self._core.last(terms.symbol)))
        found = joined(trades, spans)
        worth: dict[Millis, list[Any]] = {}
        for trade in trades:
            worth.setdefault(spans(trade.at)[0], []).append(trade)
        rows = [
            [
                str(candle.opened_ms),
                *(terms.bare(p) for p in (candle.open, candle.high, candle.low, candle.close)),
                terms.quantity.text(candle.volume),
                turnover(worth.get(candle.opened_ms, ()), terms),
            ]
            for candle in (filled(found, spans, end) if found else [flat(spans(end), last)])
            if candle.opened_ms >= start
        ]
        return self._shown(call, terms, rows)

    def mark_klines(self, call: Call) -> Answer:
        """GET /v5/market/mark-price-kline."""
        return self._gauged(call, self.gauges.marks)

    def index_klines(self, call: Call) -> Answer:
        """GET /v5/market/index-price-kline."""
        return self._gauged(call, self.gauges.indices)

    def premium_klines(self, call: Call) -> Answer:
        """GET /v5/market/premium-index-price-kline: of linear contracts alone."""
        if (optional(call.params, "category") or LINEAR) != LINEAR:
            raise invalid("category")
        return self._gauged(call, self.gauges.premiums)

    def fundings(self, call: Call) -> Answer:
        """GET /v5/market/funding/history: newest first; a beginning wants an end."""
        terms = self._desk.terms_of(call.params)
        start, end = whole(call.params, "startTime"), whole(call.params, "endTime", call.at)
        if start and not optional(call.params, "endTime"):
            raise invalid("endTime")
        rows = [
            {
                "symbol": terms.symbol,
                "fundingRate": stripped(funding.rate),
                "fundingRateTimestamp": str(funding.at),
            }
            for funding in reversed(self._core.fundings(terms.symbol))
            if start <= funding.at <= end
        ]
        return Answer({"category": terms.category, "list": rows[: limit_of(call)]})

    def open_interest(self, call: Call) -> Answer:
        """GET /v5/market/open-interest: of the present interval; no past is kept."""
        terms, interval = self._desk.terms_of(call.params), optional(call.params, "intervalTime")
        if interval not in _INTEREST:
            raise invalid("intervalTime")
        limit_of(call)
        lots = open_lots(terms, self._core)
        row = {
            "openInterest": terms.quantity.text(2 * lots),
            "singleOpenInterest": terms.quantity.text(lots),
            "timestamp": str(bounds(_INTEREST[interval], call.at)[0]),
        }
        return Answer(
            {
                "symbol": terms.symbol,
                "category": terms.category,
                "list": [row],
                "nextPageCursor": "",
            }
        )

    def account_ratio(self, call: Call) -> Answer:
        """GET /v5/market/account-ratio: of those who hold something now; no past is kept."""
        terms, period = self._desk.terms_of(call.params), optional(call.params, "period")
        if period not in _INTEREST:
            raise invalid("period")
        limit_of(call)
        longs, shorts = holders(terms, self._core)
        rows = []
        if longs or shorts:
            share = (Decimal(longs) / (longs + shorts)).quantize(Decimal("0.0001"))
            row = {"symbol": terms.symbol, "buyRatio": plain(share), "sellRatio": plain(1 - share)}
            rows = [{**row, "timestamp": str(bounds(_INTEREST[period], call.at)[0])}]
        return Answer({"list": rows, "nextPageCursor": ""})

    def _book(
        self, call: Call, terms: Terms, stream: str, sizes: Callable[[int], list[str]]
    ) -> Answer:
        """Answer a book; ``u`` is that of the stream that tells the same."""
        depth, tape = self._core.depth(terms.symbol, limit_of(call)), self._tapes[terms.symbol]

        def levels(rows: Iterable[tuple[int, int]]) -> list[list[str]]:
            return [[terms.bare(ticks), *sizes(lots)] for ticks, lots in rows]

        return Answer(
            {
                "s": terms.symbol,
                "b": levels(depth.bids),
                "a": levels(depth.asks),
                "ts": call.at,
                "u": tape.updated(stream),
                "seq": tape.sequence,
                "cts": tape.updated_ms or call.at,
            }
        )

    def _gauged(self, call: Call, ask: Callable[[Symbol, Millis], Sequence[Sample]]) -> Answer:
        """Answer the candles of what was never traded."""
        terms, spans, start, end = self._candles(call)
        rows = [
            [str(span[0]), *(plain(p) for p in _ends(prices))]
            for span, prices in bars(ask(terms.symbol, call.at), spans, end)
            if span[0] >= start
        ]
        return self._shown(call, terms, rows)

    def _candles(self, call: Call) -> tuple[Terms, Callable[[Millis], Span], Millis, Millis]:
        """Return symbol, intervals, beginning and end of the candles that are asked for."""
        params: Params = {**call.params, "category": optional(call.params, "category") or LINEAR}
        length = LENGTHS.get(optional(params, "interval"))
        if length is None:
            raise invalid("interval")
        end = min(call.at, whole(params, "end", call.at))
        start = whole(params, "start")
        return self._desk.terms_of(params), partial(bounds, length), start, end

    def _shown(self, call: Call, terms: Terms, rows: list[list[str]]) -> Answer:
        chosen = rows[::-1][: limit_of(call)]
        return Answer({"category": terms.category, "symbol": terms.symbol, "list": chosen})


_BLANK = (
    "predictedDeliveryPrice",
    "basisRate",
    "basisRateYear",
    "deliveryFeeRate",
    "basis",
    "preOpenPrice",
    "preQty",
    "curPreListingPhase",
)
"""Fields of a ticker that only some contracts fill."""


def _ends(prices: Sequence[Decimal]) -> tuple[Decimal, ...]:
    return prices[0], max(prices), min(prices), prices[-1]
