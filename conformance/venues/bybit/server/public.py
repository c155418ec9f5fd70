"""The public streams in use: which feed a topic names, and how a subscriber is let in.

Source: websocket/public and websocket/wss-authentication, 2026-07-24. Insurance pools are told
only where they are isolated, which none is here; nor is there any maintenance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from conformance.model.ids import Millis, Symbol
from conformance.model.records import TradeRecord
from conformance.model.wire import Push
from conformance.venues import broadcast
from conformance.venues.broadcast import Feed
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.books import PERIODS, Best, Book
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.feeds import (
    Alerts,
    Klines,
    Limits,
    Liquidations,
    Silent,
    Trades,
)
from conformance.venues.bybit.server.hub import Connection, Hub
from conformance.venues.bybit.server.intervals import LENGTHS
from conformance.venues.bybit.server.sight import topic_of
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.tickers import Tickers

_Maker: TypeAlias = Callable[[Terms, str, Millis], Feed | None]
"""Makes the feed of a symbol; the text is what stands between kind and symbol."""
_STATUS = "status"
_POOLS: Sequence[str] = FACTS["streams"]["pools"]
_SILENT = frozenset(f"insurance.{pool}" for pool in _POOLS)
_ALERTS = {f"adlAlert.{pool}": pool for pool in _POOLS}
_BEST = "1"


class Public(broadcast.Broadcast):
    """All public streams somebody wants."""

    def __init__(self, desk: Desk, tapes: Mapping[Symbol, Tape], hub: Hub) -> None:
        super().__init__(tapes)
        self._desk = desk
        self._core = desk.core
        self._tapes = tapes
        self._hub = hub
        self._makers: Mapping[str, _Maker] = {
            "orderbook": self._book,
            "kline": self._klines,
            "publicTrade": lambda terms, _, __: Trades(tapes[terms.symbol], terms, desk.ids),
            "tickers": lambda terms, _, at: Tickers(tapes[terms.symbol], terms, desk.core, at),
            "allLiquidation": lambda terms, _, __: Liquidations(terms),
            "priceLimit": lambda terms, _, __: Limits(terms, desk),
        }

    def serves(self, connection: Connection, name: str, at: Millis) -> bool:
        """Say whether a topic is one of a connection's product line."""
        return self._make(connection.kind, name, at) is not None

    def join(self, connection: Connection, name: str, at: Millis) -> list[Push]:
        """Let a connection hear a topic that is served; return what it gets first."""
        feed = self.feed(name) or self._make(connection.kind, name, at)
        assert feed is not None
        if name not in self:
            self.add(name, feed, partial(self._hub.deliver, name, topic_of(name)))
        self._hub.want(connection, name)
        return [Push(connection.stream, topic_of(name), frame.encode()) for frame in feed.first(at)]

    def traded(self, symbol: Symbol, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Give the trades of one command in one symbol their numbers, and tell them."""
        self._tapes[symbol].trade(trades)
        super().traded(symbol, trades, at)

    def _make(self, kind: str, name: str, at: Millis) -> Feed | None:
        """Return a new feed for a topic, or None when there is no such topic."""
        if name in _SILENT or (kind, name) == (_STATUS, "system.status"):
            return Silent()
        if name in _ALERTS:
            return Alerts(_ALERTS[name], self._desk, at)
        what, _, rest = name.partition(".")
        between, _, symbol = rest.rpartition(".")
        maker, terms = self._makers.get(what), self._desk.terms.get(symbol)
        if maker is None or terms is None or terms.category != kind:
            return None
        if bool(between) is not (what in ("orderbook", "kline")):
            return None
        return maker(terms, between, at)

    def _book(self, terms: Terms, depth: str, at: Millis) -> Feed | None:
        tape = self._tapes[terms.symbol]
        if depth == _BEST:
            return Best(tape, terms, self._core, at)
        return Book(tape, terms, self._core, depth) if depth in PERIODS else None

    def _klines(self, terms: Terms, interval: str, at: Millis) -> Feed | None:
        length = LENGTHS.get(interval)
        return None if length is None else Klines(terms, self._core, interval, length, at)
