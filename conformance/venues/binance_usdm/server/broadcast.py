"""Which market stream a name is, and the clockwork that sends what is due."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from conformance.contracts.core import Core
from conformance.model.events import BookChanged
from conformance.model.ids import Millis, Symbol
from conformance.model.records import TradeRecord
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.feeds import (
    AggTrades,
    BookTicker,
    DayTickers,
    Depth,
    DepthTop,
    Feed,
    Klines,
    MarkPrices,
    Trades,
)
from conformance.venues.binance_usdm.server.hub import Hub
from conformance.venues.binance_usdm.server.intervals import LENGTHS
from conformance.venues.binance_usdm.server.tape import Tape

_SPEEDS = FACTS["streams"]["speeds"]
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(0|100|250|500)ms)?").fullmatch
_DEPTH_USUAL = 250
Found: TypeAlias = tuple[Feed, Topic, str]
"""A stream with its topic and its route."""


class Channel(NamedTuple):
    """A stream in use."""

    name: str
    route: str
    topic: Topic
    feed: Feed


class Broadcast:
    """All market streams somebody wants."""

    def __init__(self, tapes: Mapping[Symbol, Tape], core: Core, hub: Hub) -> None:
        self._tapes = tapes
        self._core = core
        self._hub = hub
        self._named = {symbol.lower(): tape for symbol, tape in tapes.items()}
        self._channels: dict[str, Channel] = {}
        self._by_symbol: dict[Symbol, list[Feed]] = {symbol: [] for symbol in tapes}
        self._trades: list[TradeRecord] = []

    def start(self, name: str, at: Millis) -> None:
        """Begin a wanted stream unless it runs; a name that is none, or misrouted, stays silent."""
        if name in self._channels:
            return
        found = self._feed(name, at)
        if found is None:
            return
        feed, topic, route = found
        if not self._hub.listeners(name, route):
            return
        self._channels[name] = Channel(name, route, topic, feed)
        for tape in feed.tapes:
            self._by_symbol[tape.terms.symbol].append(feed)

    def stop(self, names: Iterable[str]) -> None:
        """End streams that nobody wants any more."""
        for name in names:
            channel = self._channels.pop(name, None)
            if channel is None:
                continue
            for tape in channel.feed.tapes:
                self._by_symbol[tape.terms.symbol].remove(channel.feed)

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Take note of a changed level."""
        update_id = self._tapes[change.symbol].change(at)
        for feed in self._by_symbol[change.symbol]:
            feed.on_book(change, update_id, at)

    def on_trade(self, trade: TradeRecord) -> None:
        """Take note of a trade; ``settle`` follows when the command is over."""
        self._trades.append(trade)

    def settle(self, at: Millis) -> list[Push]:
        """Close one command: join its trades, and send what is sent at once."""
        if self._trades:
            trades, self._trades = self._trades, []
            for symbol in dict.fromkeys(trade.symbol for trade in trades):
                self._traded(symbol, [t for t in trades if t.symbol == symbol], at)
        if not self._channels:
            return []
        return self._flush(at, [c for c in self._channels.values() if not c.feed.period_ms])

    def due(self) -> Millis | None:
        """Return when the next batch is due, or None."""
        if not self._channels:
            return None
        dues = [channel.feed.due() for channel in self._channels.values()]
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: Millis) -> list[Push]:
        """Send every batch that is due."""
        return self._flush(at, list(self._channels.values()))

    def _traded(self, symbol: Symbol, trades: Sequence[TradeRecord], at: Millis) -> None:
        joined = self._tapes[symbol].aggregate(trades)
        for feed in self._by_symbol[symbol]:
            feed.on_trades(trades, joined, at)

    def _flush(self, at: Millis, channels: Iterable[Channel]) -> list[Push]:
        pushes: list[Push] = []
        for name, route, topic, feed in channels:
            due = feed.due()
            if due is None or due > at:
                continue
            for frame in feed.flush(at):
                pushes += self._hub.deliver(name, route, topic, frame.encode())
        return pushes

    def _feed(self, name: str, at: Millis) -> Found | None:
        if name.startswith("!"):
            return self._array(name, at)
        symbol, _, kind = name.partition("@")
        tape = self._named.get(symbol)
        if tape is None:
            return None
        one, core = (tape,), self._core
        depth = _DEPTH(kind)
        if depth is not None:
            period = int(depth[2] or _DEPTH_USUAL)
            levels = depth[1]
            feed = DepthTop(one, core, period, int(levels)) if levels else Depth(one, core, period)
            return feed, Topic.BOOK, "public"
        if kind.startswith("kline_") and kind[6:] in LENGTHS:
            return Klines(one, core, _SPEEDS["kline"], kind[6:]), Topic.CANDLES, "market"
        return self._plain(kind, one, at)

    def _plain(self, kind: str, one: tuple[Tape], at: Millis) -> Found | None:
        core = self._core
        if kind in ("markPrice", "markPrice@1s"):
            period = _SPEEDS["markPrice"][0 if kind.endswith("1s") else 1]
            return MarkPrices(one, core, period, at, array=False), Topic.MARK, "market"
        if kind in ("ticker", "miniTicker"):
            mini = kind == "miniTicker"
            feed = DayTickers(one, core, _SPEEDS[kind], mini=mini, array=False)
            return feed, Topic.TICKER, "market"
        if kind == "bookTicker":
            return BookTicker(one, core, 0), Topic.TICKER, "public"
        if kind == "aggTrade":
            return AggTrades(one, core, _SPEEDS["aggTrade"]), Topic.TRADES, "market"
        if kind == "trade":
            return Trades(one, core, 0), Topic.TRADES, "public"
        return None

    def _array(self, name: str, at: Millis) -> Found | None:
        every, core = tuple(self._tapes.values()), self._core
        if name == "!bookTicker":
            return BookTicker(every, core, _SPEEDS["bookTickerAll"]), Topic.TICKER, "public"
        if name in ("!markPrice@arr", "!markPrice@arr@1s"):
            period = _SPEEDS["markPrice"][0 if name.endswith("1s") else 1]
            return MarkPrices(every, core, period, at, array=True), Topic.MARK, "market"
        if name in ("!ticker@arr", "!miniTicker@arr"):
            mini = name.startswith("!mini")
            feed = DayTickers(every, core, _SPEEDS["array"], mini=mini, array=True)
            return feed, Topic.TICKER, "market"
        return None
