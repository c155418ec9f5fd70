"""One local book: buffer, join snapshot and deltas, notice gaps, never show a doubtful book."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal

from conformance.contracts.client import BookDelta, Levels, Link, Snapshot
from conformance.model.ids import Symbol
from conformance.model.orders import Book

Rule = Callable[[BookDelta, int, bool], Link]
"""How a delta follows a book: (delta, sequence, book is still the snapshot)."""


class Resequencer:
    """The book of one symbol. ``valid`` only while every change is known to be in it.

    A snapshot may be older than the stream: it is trusted once a delta joins it, or once it was
    confirmed by another look.
    """

    def __init__(self, symbol: Symbol, rule: Rule, *, buffer_max: int, levels_max: int) -> None:
        self._symbol = symbol
        self._rule = rule
        self._levels_max = levels_max
        self._buffer: deque[BookDelta] = deque(maxlen=buffer_max)
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}
        self._shown: Book | None = None
        self.sequence = 0
        self.tracking = False
        """True while there is a snapshot, and deltas are applied to it."""
        self._joined = False
        self._confirmed = False

    @property
    def valid(self) -> bool:
        """True while the book may be trusted."""
        return self.tracking and (self._joined or self._confirmed)

    def unproven(self) -> bool:
        """Return whether there is a snapshot that nothing has confirmed yet."""
        return self.tracking and not self.valid

    def feed(self, delta: BookDelta) -> bool:
        """Take a delta; False when a new snapshot is needed."""
        if not self.tracking:
            self._buffer.append(delta)
            return True
        link = self._rule(delta, self.sequence, not self._joined)
        if link is Link.STALE:
            return True
        if link is Link.NEXT and self._apply(delta):
            return True
        self.doubt()
        self._buffer.append(delta)
        return False

    def load(self, snapshot: Snapshot) -> bool:
        """Take a snapshot and what was buffered since; False when they do not join."""
        self._bids = {price: quantity for price, quantity in snapshot.bids if quantity > 0}
        self._asks = {price: quantity for price, quantity in snapshot.asks if quantity > 0}
        self.sequence = snapshot.sequence
        self._shown = None
        self._joined = self._confirmed = False
        self.tracking = True
        waiting = list(self._buffer)
        self._buffer.clear()
        joined = True
        for delta in waiting:
            # What follows a gap is buffered anew, for the next snapshot.
            joined = self.feed(delta) and joined
        return joined

    def reset(self, snapshot: Snapshot) -> None:
        """Take a snapshot that came in its place among the deltas: it is the whole truth."""
        self._buffer.clear()
        self.load(snapshot)
        self.confirm()

    def doubt(self) -> None:
        """Stop trusting the book until the next snapshot."""
        self.tracking = False
        self._shown = None

    def confirm(self) -> None:
        """Trust the snapshot although no delta has joined it: nothing has changed since."""
        self._confirmed = True
        self._shown = None

    def book(self, levels: int = 1000) -> Book:
        """Return the best levels; a crossed book is not trusted."""
        if self._shown is None:
            book = Book(
                symbol=self._symbol,
                bids=tuple(sorted(self._bids.items(), reverse=True)[:levels]),
                asks=tuple(sorted(self._asks.items())[:levels]),
                valid=self.valid,
                sequence=self.sequence,
            )
            if book.crossed or not book.valid:
                book = Book(symbol=self._symbol, sequence=self.sequence)
            self._shown = book
        return self._shown

    def shows(self, snapshot: Snapshot) -> bool:
        """Return whether the best levels are those of the snapshot."""
        bids, asks = len(snapshot.bids), len(snapshot.asks)
        return (
            tuple(sorted(self._bids.items(), reverse=True)[:bids]) == snapshot.bids
            and tuple(sorted(self._asks.items())[:asks]) == snapshot.asks
        )

    @property
    def crossed(self) -> bool:
        """True when a book believed valid shows a bid at or above an ask."""
        return self.valid and not self.book().valid

    def _apply(self, delta: BookDelta) -> bool:
        if any(quantity < 0 for _, quantity in (*delta.bids, *delta.asks)):
            return False
        _change(self._bids, delta.bids)
        _change(self._asks, delta.asks)
        self._bound()
        self.sequence = delta.last
        self._joined = True
        self._shown = None
        return True

    def _bound(self) -> None:
        if len(self._bids) > self._levels_max:
            self._bids = _best(sorted(self._bids.items(), reverse=True), self._levels_max)
        if len(self._asks) > self._levels_max:
            self._asks = _best(sorted(self._asks.items()), self._levels_max)


def _change(side: dict[Decimal, Decimal], levels: Levels) -> None:
    for price, quantity in levels:
        if quantity:
            side[price] = quantity
        else:
            side.pop(price, None)


def _best(rows: Iterable[tuple[Decimal, Decimal]], levels_max: int) -> dict[Decimal, Decimal]:
    """Keep the better half: the far levels come back by snapshot when they matter."""
    return dict(list(rows)[: levels_max // 2])
