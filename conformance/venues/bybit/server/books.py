"""Order books of each depth: a snapshot, then what changed.

Source: websocket/public/orderbook, 2026-07-24. Deltas of one depth count up by one; a level that
leaves the window is deleted, one that enters it is inserted; depth 1 is always told whole, and
again after three seconds without a change. A snapshot with u 1 says that the service restarted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from conformance.contracts.core import Core
from conformance.model.events import BookChanged, PhaseChanged
from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.venues.broadcast import Feed, Notice
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.tape import Tape
from conformance.venues.bybit.server.terms import Terms

Side: TypeAlias = dict[Ticks, Lots]
PERIODS: Mapping[str, Millis] = {
    depth: period for depth, period in FACTS["streams"]["depths"].items() if depth != "source"
}
"""How often each depth is told."""
RETAIL = "rpi"
"""The book that tells retail orders apart, of which there are none here."""
_RETAIL_LEVELS = 50
_AGAIN_MS: Millis = FACTS["streams"]["depth_again_ms"]


class Book(Feed):
    """``orderbook.{depth}.{symbol}``."""

    def __init__(self, tape: Tape, terms: Terms, core: Core, depth: str) -> None:
        super().__init__((terms.symbol,), PERIODS[depth])
        self._tape = tape
        self._terms = terms
        self._core = core
        self._depth = depth
        self._most = _RETAIL_LEVELS if depth == RETAIL else int(depth)
        self._update = tape.updated(depth)
        self._restarted = False
        self._look()

    def on_book(self, change: BookChanged, at: Millis) -> None:
        """Look at the book again."""
        del change
        self.touch(at)

    def on_notice(self, event: Notice, at: Millis) -> None:
        """Begin anew when trading begins (again)."""
        if isinstance(event, PhaseChanged) and event.phase is Phase.TRADING:
            self._restarted = True
            self.touch(at)

    def first(self, at: Millis) -> list[str]:
        """Return the book as it was told last, whole: what comes next follows from it."""
        bids = sorted(self._bids.items(), reverse=True)
        return [self._frame("snapshot", bids, sorted(self._asks.items()), at)]

    def frames(self, at: Millis) -> list[str]:
        """Return what changed, unless nothing did that can be seen at this depth."""
        bids, asks = self._bids, self._asks
        self._look()
        if self._restarted:
            self._restarted, self._update = False, self._tape.update(self._depth, restart=True)
            return self.first(at)
        changes = _changes(bids, self._bids), _changes(asks, self._asks)
        if not any(changes):
            return []
        self._update = self._tape.update(self._depth)
        bids_changed, asks_changed = changes
        return [self._frame("delta", sorted(bids_changed, reverse=True), sorted(asks_changed), at)]

    def _look(self) -> None:
        depth = self._core.depth(self._terms.symbol, self._most)
        self._bids: Side = dict(depth.bids)
        self._asks: Side = dict(depth.asks)
        self._sequence, self._changed_ms = self._tape.sequence, self._tape.updated_ms

    def _frame(
        self,
        kind: str,
        bids: Iterable[tuple[Ticks, Lots]],
        asks: Iterable[tuple[Ticks, Lots]],
        at: Millis,
    ) -> str:
        """Return one frame; depth 1 has ``ts`` before ``type``, as on the wire."""
        symbol = self._terms.symbol
        order = f'"ts":{at},"type":"{kind}"' if self._most == 1 else f'"type":"{kind}","ts":{at}'
        return (
            f'{{"topic":"orderbook.{self._depth}.{symbol}",{order},'
            f'"data":{{"s":"{symbol}","b":{self._levels(bids)},"a":{self._levels(asks)},'
            f'"u":{self._update},"seq":{self._sequence}}},"cts":{self._changed_ms or at}}}'
        )

    def _levels(self, levels: Iterable[tuple[Ticks, Lots]]) -> str:
        price, quantity = self._terms.price.text, self._terms.quantity.text
        tail = ',"0"' if self._depth == RETAIL else ""
        rows = [
            f'["{price(ticks)}","{quantity(lots) if lots else 0}"{tail}]' for ticks, lots in levels
        ]
        return f"[{','.join(rows)}]"


class Best(Book):
    """``orderbook.1.{symbol}``: the best levels, whole each time."""

    def __init__(self, tape: Tape, terms: Terms, core: Core, at: Millis) -> None:
        super().__init__(tape, terms, core, "1")
        self._told_ms = at

    def due(self) -> Millis | None:
        """Return when the best levels are told (again)."""
        due, again = super().due(), self._told_ms + _AGAIN_MS
        return again if due is None else min(due, again)

    def frames(self, at: Millis) -> list[str]:
        """Return the best levels when they changed, or were not told for a while."""
        told = super().frames(at)
        if not told and at < self._told_ms + _AGAIN_MS:
            return []
        self._told_ms = at
        return self.first(at)


def _changes(before: Side, after: Side) -> list[tuple[Ticks, Lots]]:
    changed = [(price, lots) for price, lots in after.items() if before.get(price) != lots]
    return changed + [(price, 0) for price in before if price not in after]
