"""Market streams in use: who takes note of what happens, and the clockwork that sends what is due.

What a frame says, and when it is due, is each venue's own affair (its feeds).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from conformance.model.events import (
    BookChanged,
    FundingSet,
    IndexChanged,
    LastChanged,
    MarkChanged,
    OrderFilled,
    PhaseChanged,
    PositionTakenOver,
    TradePrinted,
)
from conformance.model.ids import Millis, Symbol
from conformance.model.records import TradeRecord
from conformance.model.wire import Push

Send: TypeAlias = Callable[[bytes], Sequence[Push]]
"""Makes one push of a frame for each of its listeners."""
Notice: TypeAlias = (
    FundingSet
    | IndexChanged
    | LastChanged
    | MarkChanged
    | OrderFilled
    | PhaseChanged
    | PositionTakenOver
)
"""What concerns a symbol itself."""


class Feed(ABC):
    """One market stream somebody wants. A period of 0 sends at once."""

    def __init__(self, symbols: Sequence[Symbol], period_ms: Millis) -> None:
        self.symbols = symbols
        """Whose events it takes note of."""
        self.period_ms = period_ms
        self._due: Millis | None = None

    def on_book(self, change: BookChanged, at: Millis) -> None:  # noqa: B027
        """Take note of a changed level; most streams need not."""

    def on_trades(self, trades: Sequence[TradeRecord], at: Millis) -> None:  # noqa: B027
        """Take note of the trades of one command in one symbol; most streams need not."""

    def on_notice(self, event: Notice, at: Millis) -> None:  # noqa: B027
        """Take note of what concerns the symbol itself; most streams need not."""

    def first(self, at: Millis) -> list[str]:
        """Return what a new listener gets before all else; nothing unless the venue has it so."""
        del at
        return []

    def due(self) -> Millis | None:
        """Return when the next frame is to be sent, or None."""
        return self._due

    def flush(self, at: Millis) -> list[str]:
        """Return the frames due at ``at``."""
        self._due = None
        return self.frames(at)

    @abstractmethod
    def frames(self, at: Millis) -> list[str]:
        """Render what gathered up."""

    def touch(self, at: Millis) -> None:
        """Have something to send at the next multiple of the speed (the clock may step back)."""
        period = self.period_ms
        if self._due is None or self._due > at + period:
            self._due = (at // period + 1) * period if period else at


class Channel(NamedTuple):
    """A stream in use, and where its frames go."""

    feed: Feed
    send: Send


class Broadcast:
    """All market streams somebody wants, by name."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self._channels: dict[str, Channel] = {}
        self._by_symbol: dict[Symbol, list[Feed]] = {symbol: [] for symbol in symbols}
        self._trades: list[TradeRecord] = []

    def __contains__(self, name: str) -> bool:
        return name in self._channels

    def add(self, name: str, feed: Feed, send: Send) -> None:
        """Begin a stream that does not run yet."""
        self._channels[name] = Channel(feed, send)
        for symbol in feed.symbols:
            self._by_symbol[symbol].append(feed)

    def feed(self, name: str) -> Feed | None:
        """Return the feed of a stream that runs, or None."""
        channel = self._channels.get(name)
        return None if channel is None else channel.feed

    def stop(self, names: Iterable[str]) -> None:
        """End streams that nobody wants any more."""
        for name in names:
            channel = self._channels.pop(name, None)
            if channel is None:
                continue
            for symbol in channel.feed.symbols:
                self._by_symbol[symbol].remove(channel.feed)

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Take note of a changed level."""
        for feed in self._by_symbol[change.symbol]:
            feed.on_book(change, at)

    def on_trade(self, event: TradePrinted, _at: Millis) -> None:
        """Take note of a trade; ``settle`` follows when the command is over."""
        self._trades.append(event.trade)

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Take note of what concerns a symbol itself."""
        symbol = event.order.symbol if isinstance(event, OrderFilled) else event.symbol
        for feed in self._by_symbol[symbol]:
            feed.on_notice(event, at)

    def settle(self, at: Millis) -> list[Push]:
        """Close one command: tell its trades, and send what is sent at once."""
        if self._trades:
            trades, self._trades = self._trades, []
            for symbol in dict.fromkeys(trade.symbol for trade in trades):
                self.traded(symbol, [t for t in trades if t.symbol == symbol], at)
        if not self._channels:
            return []
        return self._flush(at, [c for c in self._channels.values() if not c.feed.period_ms])

    def traded(self, symbol: Symbol, trades: Sequence[TradeRecord], at: Millis) -> None:
        """Take note of the trades of one command in one symbol."""
        for feed in self._by_symbol[symbol]:
            feed.on_trades(trades, at)

    def due(self) -> Millis | None:
        """Return when the next batch is due, or None."""
        if not self._channels:
            return None
        dues = [channel.feed.due() for channel in self._channels.values()]
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: Millis) -> list[Push]:
        """Send every batch that is due."""
        return self._flush(at, list(self._channels.values()))

    @staticmethod
    def _flush(at: Millis, channels: Iterable[Channel]) -> list[Push]:
        pushes: list[Push] = []
        for feed, send in channels:
            due = feed.due()
            if due is None or due > at:
                continue
            for frame in feed.flush(at):
                pushes += send(frame.encode())
        return pushes
