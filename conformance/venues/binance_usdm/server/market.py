"""Public market data over REST.

Source: usds-margined-futures/market-data, 2026-05-28.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import orjson

from conformance.model.ids import Millis, Symbol
from conformance.model.orders import Side
from conformance.venues.binance_usdm.facts import ENDPOINTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.funding import INTEREST, next_funding, rate_text
from conformance.venues.binance_usdm.server.gauges import kline_window, pair_of
from conformance.venues.binance_usdm.server.info import exchange_info
from conformance.venues.binance_usdm.server.intervals import bounds
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import text, whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.binance_usdm.server.tape import Tape
from conformance.venues.candles import Candle, filled
from conformance.venues.numbers import atoms_text

Row: TypeAlias = dict[str, Any]

_HOUR_MS: Millis = 3600 * 1000
_CONTRACT_TYPES = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL")


class Market:
    """The endpoints anyone may call."""

    def __init__(self, desk: Desk, tapes: Mapping[Symbol, Tape]) -> None:
        self._desk = desk
        self._core = desk.core
        self._tapes = tapes

    def ping(self, _call: Call) -> str:
        """GET /fapi/v1/ping."""
        return "{}"

    def time(self, call: Call) -> str:
        """GET /fapi/v1/time."""
        return f'{{"serverTime":{call.at}}}'

    def info(self, call: Call) -> bytes:
        """GET /fapi/v1/exchangeInfo."""
        return exchange_info(self._desk, call.at)

    def depth(self, call: Call) -> str:
        """GET /fapi/v1/depth and /fapi/v1/rpiDepth: there are no RPI orders here."""
        terms = self._desk.terms_of(call)
        endpoint = call.endpoint
        assert endpoint is not None
        depth = self._core.depth(terms.symbol, limit_of(endpoint, call.params))
        tape = self._tapes[terms.symbol]
        return (
            f'{{"lastUpdateId":{tape.snapshot_id},"E":{call.at},"T":{tape.updated_ms or call.at},'
            f'"bids":{levels_text(depth.bids, terms)},"asks":{levels_text(depth.asks, terms)}}}'
        )

    def trades(self, call: Call) -> bytes:
        """GET /fapi/v1/trades and /fapi/v1/historicalTrades."""
        terms = self._desk.terms_of(call)
        endpoint = call.endpoint
        assert endpoint is not None
        kept = limit_of(endpoint, call.params)
        first = whole(call.params, "fromId")
        rows = self._core.trades(terms.symbol)
        chosen = rows[-kept:] if first is None else [r for r in rows if r.trade_id >= first][:kept]
        return orjson.dumps(
            [
                {
                    "id": trade.trade_id,
                    "price": terms.price.text(trade.price),
                    "qty": terms.quantity.text(trade.quantity),
                    "quoteQty": terms.value_text(terms.value_of(trade.price, trade.quantity)),
                    "time": trade.at,
                    "isBuyerMaker": trade.taker_side is Side.SELL,
                    "isRPITrade": False,
                }
                for trade in chosen
            ]
        )

    def aggregates(self, call: Call) -> bytes:
        """GET /fapi/v1/aggTrades."""
        terms = self._desk.terms_of(call)
        kept = limit_of(ENDPOINTS["agg-trades"], call.params)
        first = whole(call.params, "fromId")
        start, end = whole(call.params, "startTime"), whole(call.params, "endTime")
        if start is not None and end is not None and end - start >= _HOUR_MS:
            raise Refused(-1127)
        rows = [
            row
            for row in self._tapes[terms.symbol].aggregates
            if (first is None or row.number >= first)
            and (start is None or row.at >= start)
            and (end is None or row.at <= end)
        ]
        chosen = rows[-kept:] if first is None and start is None else rows[:kept]
        return orjson.dumps(
            [
                {
                    "a": row.number,
                    "p": terms.price.text(row.price),
                    "q": terms.quantity.text(row.quantity),
                    "nq": terms.quantity.text(row.quantity),
                    "f": row.first,
                    "l": row.last,
                    "T": row.at,
                    "m": row.taker_side is Side.SELL,
                }
                for row in chosen
            ]
        )

    def klines(self, call: Call) -> bytes:
        """GET /fapi/v1/klines; a quiet interval is flat at the close before it."""
        return self._candles(call, self._desk.terms_of(call))

    def continuous_klines(self, call: Call) -> bytes:
        """GET /fapi/v1/continuousKlines: of a pair, only its perpetual is listed here."""
        kind = text(call.params, "contractType").upper()
        if kind not in _CONTRACT_TYPES:
            raise Refused(-4104)
        terms = pair_of(call, self._desk)
        return self._candles(call, terms) if kind == "PERPETUAL" else b"[]"

    def _candles(self, call: Call, terms: Terms) -> bytes:
        endpoint = call.endpoint
        assert endpoint is not None
        interval, kept, start, end = kline_window(call, endpoint)
        found = self._tapes[terms.symbol].candles(interval)
        rows = [
            _kline(candle, terms)
            for candle in filled(found, partial(bounds, interval), end)
            if start is None or candle.opened_ms >= start
        ]
        return orjson.dumps(rows[-kept:] if start is None else rows[:kept])

    def premium_index(self, call: Call) -> bytes:
        """GET /fapi/v1/premiumIndex."""
        return self._one_or_all(call, self._premium)

    def ticker_day(self, call: Call) -> bytes:
        """GET /fapi/v1/ticker/24hr."""
        return self._one_or_all(call, self._day)

    def ticker_price(self, call: Call) -> bytes:
        """GET /fapi/v1/ticker/price and /fapi/v2/ticker/price."""
        return self._one_or_all(call, self._price)

    def book_ticker(self, call: Call) -> bytes:
        """GET /fapi/v1/ticker/bookTicker."""
        return self._one_or_all(call, self._best)

    def open_interest(self, call: Call) -> bytes:
        """GET /fapi/v1/openInterest: the sum of all long legs."""
        terms = self._desk.terms_of(call)
        lots = sum(
            max(0, leg.lots)
            for account in self._core.accounts()
            for leg in self._core.positions(account, terms.symbol)
        )
        row = {"openInterest": terms.quantity.text(lots), "symbol": terms.symbol, "time": call.at}
        return orjson.dumps(row)

    def _one_or_all(self, call: Call, row: Callable[[Terms, Millis], Row]) -> bytes:
        terms = self._desk.terms_if_sent(call)
        if terms is not None:
            return orjson.dumps(row(terms, call.at))
        return orjson.dumps([row(each, call.at) for each in self._desk.terms.values()])

    def _premium(self, terms: Terms, at: Millis) -> Row:
        mark = atoms_text(self._core.mark(terms.symbol))
        return {
            "symbol": terms.symbol,
            "markPrice": mark,
            "indexPrice": atoms_text(self._core.index(terms.symbol)),
            "estimatedSettlePrice": mark,
            "lastFundingRate": rate_text(self._core, terms),
            "interestRate": INTEREST,
            "nextFundingTime": next_funding(self._core, terms, at),
            "time": at,
        }

    def _day(self, terms: Terms, at: Millis) -> Row:
        day = self._tapes[terms.symbol].day(at)
        trades = self._core.trades(terms.symbol)
        change = day.close - day.open
        return {
            "symbol": terms.symbol,
            "priceChange": terms.price.text(change),
            "priceChangePercent": percent_text(change, day.open),
            "weightedAvgPrice": weighted_text(day, terms),
            "lastPrice": terms.price.text(day.close),
            "lastQty": terms.quantity.text(trades[-1].quantity if trades else 0),
            "openPrice": terms.price.text(day.open),
            "highPrice": terms.price.text(day.high),
            "lowPrice": terms.price.text(day.low),
            "volume": terms.quantity.text(day.volume),
            "quoteVolume": terms.value_text(day.value * terms.unit),
            "openTime": day.opened_ms,
            "closeTime": at,
            "firstId": day.first,
            "lastId": day.last,
            "count": day.count,
        }

    def _price(self, terms: Terms, at: Millis) -> Row:
        price = terms.price.text(self._tapes[terms.symbol].last_price)
        return {"symbol": terms.symbol, "price": price, "time": at}

    def _best(self, terms: Terms, at: Millis) -> Row:
        depth = self._core.depth(terms.symbol, 1)
        bid = depth.bids[0] if depth.bids else (0, 0)
        ask = depth.asks[0] if depth.asks else (0, 0)
        return {
            "symbol": terms.symbol,
            "bidPrice": terms.price.text(bid[0]),
            "bidQty": terms.quantity.text(bid[1]),
            "askPrice": terms.price.text(ask[0]),
            "askQty": terms.quantity.text(ask[1]),
            "time": at,
            "lastUpdateId": self._tapes[terms.symbol].update_id,
        }


def levels_text(levels: Iterable[tuple[int, int]], terms: Terms) -> str:
    """Return price levels as ``[["price","quantity"],…]``."""
    price, quantity = terms.price.text, terms.quantity.text
    return "[" + ",".join([f'["{price(p)}","{quantity(q)}"]' for p, q in levels]) + "]"


def percent_text(change: int, before: int) -> str:
    """Return a change in percent, three decimals."""
    return f"{Decimal(100 * change) / before:.3f}"


def weighted_text(candle: Candle, terms: Terms) -> str:
    """Return the volume-weighted average price."""
    if not candle.volume:
        return terms.price.text(candle.close)
    return terms.price.text(candle.value // candle.volume)


def _kline(candle: Candle, terms: Terms) -> list[Any]:
    price, quantity = terms.price.text, terms.quantity.text
    return [
        candle.opened_ms,
        price(candle.open),
        price(candle.high),
        price(candle.low),
        price(candle.close),
        quantity(candle.volume),
        candle.closed_ms,
        terms.value_text(candle.value * terms.unit),
        candle.count,
        quantity(candle.taker_buy),
        terms.value_text(candle.taker_buy_value * terms.unit),
        "0",
    ]
