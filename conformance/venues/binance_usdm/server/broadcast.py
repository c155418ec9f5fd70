"""Which market stream a name is, and the clockwork that sends what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from conformance.contracts.core import Core
from conformance.model.events import BookChanged, OrderFilled, PhaseChanged, TradePrinted
from conformance.model.ids import Millis, Symbol
from conformance.model.records import TradeRecord
from conformance.model.wire import Push, Topic
from conformance.venues.binance_usdm.server.feeds import (
    Feed,
)
from conformance.venues.binance_usdm.server.hub import Hub
from conformance.venues.binance_usdm.server.names import Names
from conformance.venues.binance_usdm.server.tape import Tape


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
        self._hub = hub
        self._names = Names(tapes, core)
        self._channels: dict[str, Channel] = {}
        self._by_symbol: dict[Symbol, list[Feed]] = {symbol: [] for symbol in tapes}
        self._trades: list[TradeRecord] = []

    def start(self, name: str, at: Millis) -> None:
        """Begin a wanted stream unless it runs; a name that is none, or misrouted, stays silent."""
        if name in self._channels:
            return
        found = self._names.feed(name, at)
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

    def on_trade(self, event: TradePrinted, _at: Millis) -> None:
        """Take note of a trade; ``settle`` follows when the command is over."""
        self._trades.append(event.trade)

    def on_notice(self, event: OrderFilled | PhaseChanged, at: Millis) -> None:
        """Take note of what concerns a symbol itself."""
        symbol = event.symbol if isinstance(event, PhaseChanged) else event.order.symbol
        for feed in self._by_symbol[symbol]:
            feed.on_notice(event, at)

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
