"""The market streams in use: which name is which, and what the tapes keep for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from conformance.contracts.core import Core
from conformance.model.events import BookChanged
from conformance.model.ids import Millis, Symbol
from conformance.model.records import TradeRecord
from conformance.venues import broadcast
from conformance.venues.binance_usdm.server.hub import Hub
from conformance.venues.binance_usdm.server.names import Names
from conformance.venues.binance_usdm.server.tape import Tape


class Broadcast(broadcast.Broadcast):
    """All market streams somebody wants."""

    def __init__(self, tapes: Mapping[Symbol, Tape], core: Core, hub: Hub) -> None:
        super().__init__(tapes)
        self._tapes = tapes
        self._hub = hub
        self._names = Names(tapes, core)

    def start(self, name: str, at: Millis) -> None:
        """Begin a wanted stream unless it runs; a name that is none, or misrouted, stays silent."""
        if name in self:
            return
        found = self._names.feed(name, at)
        if found is None:
            return
        feed, topic, route = found
        if self._hub.listeners(name, route):
            self.add(name, feed, partial(self._hub.deliver, name, route, topic))

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Take note of a changed level."""
        self._tapes[change.symbol].change(at)
        super().on_book(change, at)

    def traded(self, symbol: Symbol, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Join the trades of one command in one symbol, and tell them."""
        self._tapes[symbol].aggregate(trades)
        super().traded(symbol, trades, at)
