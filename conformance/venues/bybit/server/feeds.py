"""Market streams of one symbol beside its books: what each frame carries and when it is due.

Source: websocket/public, 2026-07-24. Frames are batched at multiples of a stream's speed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from conformance.contracts.core import Core
from conformance.model.events import BookChanged, OrderFilled
from conformance.model.ids import Millis
from conformance.model.orders import Forced
from conformance.model.records import TradeRecord
from conformance.venues.broadcast import Feed, Notice
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.band import band_of
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.figures import pool_of
from conformance.venues.bybit.server.ids import Ids
from conformance.venues.bybit.server.premiums import AVERAGED_MS
from conformance.venues.bybit.server.tape import Print, Tape, sequence_of
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.tickers import turnover
from conformance.venues.bybit.server.words import SIDES
from conformance.venues.candles import Span, bounds, candles, flat
from conformance.venues.numbers import plain

_SPEEDS: Mapping[str, Millis] = FACTS["streams"]["speeds"]
_ADL: Mapping[str, str] = FACTS["adl"]
_TRADES_MAX: int = FACTS["streams"]["trades_max"]


class Trades(Feed):
    """``publicTrade.{symbol}``: every trade at once, those of one command together."""

    def __init__(self, tape: Tape, terms: Terms, ids: Ids) -> None:
        super().__init__((terms.symbol,), 0)
        self._tape = tape
        self._terms = terms
        self._ids = ids
        self._rows: list[Print] = []

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Gather the trades."""
        del trades
        self._rows += self._tape.fresh
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return one frame, or several where there are too many for one."""
        rows, self._rows = self._rows, []
        return [
            f'{{"topic":"publicTrade.{self._terms.symbol}","type":"snapshot","ts":{at},'
            f'"data":[{",".join(map(self._row, rows[first : first + _TRADES_MAX]))}]}}'
            for first in range(0, len(rows), _TRADES_MAX)
        ]

    def _row(self, each: Print) -> str:
        trade, terms = each.trade, self._terms
        return (
            f'{{"T":{trade.at},"s":"{trade.symbol}","S":"{SIDES[trade.taker_side]}",'
            f'"v":"{terms.quantity.text(trade.quantity)}","p":"{terms.price.text(trade.price)}",'
            f'"L":"{each.direction}","i":"{self._ids.trade(trade)}","BT":false,"RPI":false,'
            f'"seq":{sequence_of(trade.trade_id)}}}'
        )


class Klines(Feed):
    """``kline.{interval}.{symbol}``: the present candle, after trades and now and then."""

    def __init__(self, terms: Terms, core: Core, interval: str, length: Millis, at: Millis) -> None:
        super().__init__((terms.symbol,), _SPEEDS["kline"])
        self._terms = terms
        self._core = core
        self._interval = interval
        self._spans = partial(bounds, length)
        self._open: Span = self._spans(at)
        self._told_ms = at

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Tell the candle again."""
        del trades
        self.touch(at)

    def due(self) -> Millis | None:
        """Return when the candle is told next: after trades, at its end, and after a while."""
        due = min(self._open[1] + 1, self._told_ms + _SPEEDS["kline_quiet"])
        traded = super().due()
        return due if traded is None else min(due, traded)

    def frames(self, at: Millis) -> list[str]:
        """Return the present candle, behind the one that has just ended."""
        spans = [self._open]
        now = self._spans(at)
        if now != self._open:
            spans.append(now)
            self._open = now
        self._told_ms = at
        return [self._frame(span, at) for span in spans]

    def _frame(self, span: Span, at: Millis) -> str:
        terms, trades = self._terms, self._core.trades(self._terms.symbol)
        inside = [t for t in trades if span[0] <= t.at <= span[1]]
        first = terms.listing.prices.floor(terms.listing.initial_price)
        before = next((t.price for t in reversed(trades) if t.at < span[0]), first)
        candle = candles(inside, self._spans).get(span[0]) or flat(span, before)
        latest = inside[-1].at if inside else span[0]
        price = terms.price.text
        return (
            f'{{"topic":"kline.{self._interval}.{terms.symbol}","data":[{{"start":{span[0]},'
            f'"end":{span[1]},"interval":"{self._interval}","open":"{price(candle.open)}",'
            f'"close":"{price(candle.close)}","high":"{price(candle.high)}",'
            f'"low":"{price(candle.low)}","volume":"{terms.quantity.text(candle.volume)}",'
            f'"turnover":"{turnover(inside, terms)}",'
            f'"confirm":{"true" if span[1] < at else "false"},"timestamp":{latest}}}],'
            f'"ts":{at},"type":"snapshot"}}'
        )


class Liquidations(Feed):
    """``allLiquidation.{symbol}``: all liquidations, with the sides of the positions."""

    def __init__(self, terms: Terms) -> None:
        super().__init__((terms.symbol,), _SPEEDS["allLiquidation"])
        self._terms = terms
        self._rows: list[str] = []

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Gather a liquidation."""
        if not isinstance(event, OrderFilled) or event.order.forced is not Forced.LIQUIDATION:
            return
        order, terms = event.order, self._terms
        price = event.fill.price if order.price is None else order.price
        self._rows.append(
            f'{{"T":{at},"s":"{order.symbol}","S":"{SIDES[order.side.opposite]}",'
            f'"v":"{terms.quantity.text(event.fill.quantity)}","p":"{terms.price.text(price)}"}}'
        )
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return what gathered up in one frame."""
        rows, self._rows = self._rows, []
        told = ",".join(rows)
        head = f'"topic":"allLiquidation.{self._terms.symbol}","type":"snapshot","ts":{at}'
        return [f'{{{head},"data":[{told}]}}']


class Limits(Feed):
    """``priceLimit.{symbol}``: between which prices orders may lie."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        super().__init__((terms.symbol,), _SPEEDS["priceLimit"])
        self._terms = terms
        self._desk = desk
        self._told = band_of(terms, desk)
        self._settled_ms: Millis = 0
        """Until when the average premium may go on moving by itself."""

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Look again: the premium may have moved."""
        del change
        self._look(at)

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Look again: mark or index may have moved."""
        del event
        self._look(at)

    def first(self, at: Millis) -> list[str]:
        """Return the band as it was told last; there is no ``type``."""
        symbol, price = self._terms.symbol, self._terms.price.text
        band = f'"buyLmt":"{price(self._told.buy)}","sellLmt":"{price(self._told.sell)}"'
        return [
            f'{{"topic":"priceLimit.{symbol}","data":{{"symbol":"{symbol}",{band}}},"ts":{at}}}'
        ]

    def frames(self, at: Millis) -> list[str]:
        """Return the band when it moved."""
        before, self._told = self._told, band_of(self._terms, self._desk)
        if at < self._settled_ms:
            self.touch(at)
        return [] if before == self._told else self.first(at)

    def _look(self, at: Millis) -> None:
        self._settled_ms = at + AVERAGED_MS + _SPEEDS["priceLimit"]
        self.touch(at)


class Alerts(Feed):
    """``adlAlert.{pool}``: each second what insures contracts; numbers are JSON numbers here."""

    def __init__(self, pool: str, desk: Desk, at: Millis) -> None:
        super().__init__((), _SPEEDS["adlAlert"])
        self._pool = pool
        self._desk = desk
        self.touch(at)

    def frames(self, at: Millis) -> list[str]:
        """Return the state of all contracts of the pool, and be due again."""
        self.touch(at)
        rows = [self._row(terms) for terms in self._desk.terms.values() if self._is_in(terms)]
        head = f'"topic":"adlAlert.{self._pool}","type":"snapshot","ts":{at}'
        return [f'{{{head},"data":[{",".join(rows)}]}}']

    def _is_in(self, terms: Terms) -> bool:
        return self._pool in (terms.category, terms.coin) and (
            terms.inverse is (self._pool == terms.category)
        )

    def _row(self, terms: Terms) -> str:
        balance = plain(pool_of(terms.coin, self._desk))
        return (
            f'{{"c":"{terms.coin}","s":"{terms.symbol}","b":{balance},"mb":{balance},'
            f'"i_pr":{_ADL["insurance_pnl_ratio"]},"pr":0,"adl_tt":{_ADL["trigger_threshold"]},'
            f'"adl_sr":{_ADL["stop_ratio"]}}}'
        )


class Silent(Feed):
    """A topic that exists and has nothing to tell here."""

    def __init__(self) -> None:
        super().__init__((), 0)

    def frames(self, at: Millis) -> list[str]:
        """Return nothing."""
        del at
        return []
