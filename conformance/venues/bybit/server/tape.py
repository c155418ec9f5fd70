"""What the market did, as the public endpoints and streams tell it.

``u`` of a book counts one up with every change, as on the 1000-level stream; ``seq`` is compared
across depths, is not consecutive, and orders trades too (docs/v5/websocket/public/orderbook,
2026-07-24).
"""

from __future__ import annotations

from conformance.model.ids import Millis, Symbol

FIRST_UPDATE = 1_000_000
FIRST_SEQUENCE = 1_000_000_000
_STRIDE = 7


class Tape:
    """Book ids and cross sequence of one symbol."""

    __slots__ = ("sequence", "symbol", "update_id", "updated_ms")

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.update_id = FIRST_UPDATE
        """``u`` of the last change of the book."""
        self.sequence = FIRST_SEQUENCE
        """``seq`` of the last thing that the matching engine did."""
        self.updated_ms: Millis = 0

    def change(self, at: Millis) -> int:
        """Give one change of the book its id."""
        self.update_id += 1
        self.updated_ms = at
        return self.update_id

    def step(self) -> int:
        """Give one thing that the matching engine does its cross sequence."""
        self.sequence += _STRIDE
        return self.sequence
