"""Ids as the venue shows them: UUIDs, from which the exchange core's own numbers follow.

An order that was conditional keeps the id that it waited under (docs/v5/order/create-order,
2026-07-24). The core counts orders and trades per symbol, conditional orders over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from conformance.model.ids import Symbol
from conformance.model.records import (
    ConditionalRecord,
    FillRecord,
    OrderRecord,
    TradeRecord,
)

_WIDTH = 60
_FACTOR = 0x9E3779B97F4A7C5
"""Odd, so that multiplying by it modulo 2**60 can be undone."""
_UNDO = pow(_FACTOR, -1, 1 << _WIDTH)
_LENGTH = 36


class Breed(IntEnum):
    """What is numbered."""

    ORDER = 0
    CONDITIONAL = 1
    TAKEN = 2
    MADE = 3
    PAID = 4


class Numbered(NamedTuple):
    """What an id stands for."""

    symbol: Symbol
    breed: Breed
    number: int


class Ids:
    """Turns the core's numbers into UUIDs and back; ``seed`` makes them differ between runs."""

    def __init__(self, symbols: Iterable[Symbol], seed: int) -> None:
        self._seed = seed * _FACTOR
        self._heads: dict[tuple[Symbol, Breed], int] = {}
        self._scopes: dict[int, tuple[Symbol, Breed]] = {}
        for index, symbol in enumerate(symbols):
            for breed in Breed:
                head = ((index * len(Breed) + breed + 1) * 0x9E3779B1 + seed) % (1 << 32)
                self._heads[symbol, breed] = head
                self._scopes[head] = (symbol, breed)

    def order(self, order: OrderRecord) -> str:
        """Return the id of an order."""
        if order.conditional_id:
            return self._shown(order.symbol, Breed.CONDITIONAL, order.conditional_id)
        return self._shown(order.symbol, Breed.ORDER, order.order_id)

    def conditional(self, record: ConditionalRecord) -> str:
        """Return the id of a conditional order."""
        return self._shown(record.command.symbol, Breed.CONDITIONAL, record.conditional_id)

    def execution(self, fill: FillRecord) -> str:
        """Return the id of an execution; either side of a trade has its own."""
        breed = Breed.MADE if fill.maker else Breed.TAKEN
        return self._shown(fill.symbol, breed, fill.trade_id)

    def trade(self, trade: TradeRecord) -> str:
        """Return the public id of a trade: that of its taker's execution."""
        return self._shown(trade.symbol, Breed.TAKEN, trade.trade_id)

    def funding(self, symbol: Symbol, number: int) -> str:
        """Return the id of a charge of funding, which is told as an execution."""
        return self._shown(symbol, Breed.PAID, number)

    def read(self, shown: str) -> Numbered | None:
        """Return what an id stands for, or None when it was never given out."""
        digits = shown.replace("-", "")
        if len(shown) != _LENGTH or not digits.isascii() or not digits.isalnum():
            return None
        try:
            head, tail = int(digits[:8], 16), int(digits[-15:], 16)
        except ValueError:
            return None
        scope = self._scopes.get(head)
        if scope is None:
            return None
        number = (tail - self._seed) * _UNDO % (1 << _WIDTH)
        return Numbered(*scope, number) if self._shown(*scope, number) == shown else None

    def _shown(self, symbol: Symbol, breed: Breed, number: int) -> str:
        tail = f"{(number * _FACTOR + self._seed) % (1 << _WIDTH):015x}"
        return f"{self._heads[symbol, breed]:08x}-{tail[3:7]}-4{tail[6:9]}-8{tail[:3]}-{tail[3:]}"
