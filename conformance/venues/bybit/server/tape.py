"""What the market did, as the public endpoints and streams tell it: sequences, ids, directions.

``seq`` is comparable over all depths and orders trades too, but is not consecutive; ``u`` counts
the frames of one depth (docs/v5/websocket/public/orderbook, 2026-07-24).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from conformance.model.ids import Millis, Symbol, Ticks
from conformance.model.records import TradeRecord

DEEPEST = "1000"
"""The depth whose ``u`` a snapshot by REST carries."""
FIRST_UPDATE = 1000
_PER_TRADE = 1_000_000
"""From the sequence of a trade to that of the next: more than the book changes between them."""
_PRINTS_KEPT = 1000


class Print(NamedTuple):
    """A public trade as it is told."""

    trade: TradeRecord
    direction: str
    """tickDirection: how its price lies to the one before."""


class Tape:
    """The numbers of one symbol."""

    __slots__ = (
        "_direction",
        "_last",
        "_updates",
        "fresh",
        "prints",
        "sequence",
        "symbol",
        "updated_ms",
    )

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.sequence = _PER_TRADE
        """``seq`` of the last thing that the matching engine did."""
        self.updated_ms: Millis = 0
        """When the book changed last."""
        self.prints: deque[Print] = deque(maxlen=_PRINTS_KEPT)
        """The latest trades, oldest first."""
        self.fresh: Sequence[Print] = ()
        """The trades of the last command."""
        self._updates: dict[str, int] = {}
        self._last: Ticks = 0
        self._direction = "ZeroPlusTick"

    @property
    def direction(self) -> str:
        """The tickDirection of the last trade."""
        return self._direction

    def change(self, at: Millis) -> None:
        """Take note of a changed level."""
        self.sequence += 1
        self.updated_ms = at

    def trade(self, trades: Sequence[TradeRecord]) -> None:
        """Take note of the trades of one command."""
        self.fresh = [Print(trade, self._towards(trade.price)) for trade in trades]
        self.prints.extend(self.fresh)
        self.sequence = max(self.sequence + 1, sequence_of(trades[-1].trade_id))

    def updated(self, depth: str) -> int:
        """Return ``u`` of what was told last at a depth."""
        return self._updates.get(depth, FIRST_UPDATE)

    def update(self, depth: str, *, restart: bool = False) -> int:
        """Return ``u`` of what is told next at a depth; a restart of the service begins with 1."""
        self._updates[depth] = 1 if restart else self.updated(depth) + 1
        return self._updates[depth]

    def _towards(self, price: Ticks) -> str:
        if price != self._last:
            self._direction = "PlusTick" if price > self._last else "MinusTick"
        elif not self._direction.startswith("Zero"):
            self._direction = f"Zero{self._direction}"
        self._last = price
        return self._direction


def sequence_of(trade_id: int) -> int:
    """Return ``seq`` of a trade, and of the executions and positions that it made."""
    return (trade_id + 1) * _PER_TRADE
