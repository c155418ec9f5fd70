"""Who waits for which price: conditional orders sorted by the price that sets them off.

One lookout watches one price (last, mark or index) of one market. A tick looks at the ends of
sorted lists only, so it costs O(log n) in the waiting orders, plus those it sets off.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TypeAlias

from conformance.exchange.trailing import Trail
from conformance.model.ids import Ticks
from conformance.model.orders import Gauge, Kind, Side
from conformance.model.records import ConditionalRecord

_Sorted: TypeAlias = list[tuple[int, int, ConditionalRecord]]


def level(record: ConditionalRecord) -> Ticks:
    """Return the price that a conditional order waits for: its trigger, or its activation."""
    command = record.command
    price = command.activation if command.kind is Kind.TRAILING_STOP else command.trigger
    return price or 0


def reached(record: ConditionalRecord, price: Ticks) -> bool:
    """Return whether ``price`` is what a conditional order waits for (Binance sheet 5.6)."""
    return price >= level(record) if record.rising else price <= level(record)


class Lookout:
    """The conditional orders of one market that watch one price."""

    __slots__ = ("_buys", "_falling", "_rising", "_sells")

    def __init__(self) -> None:
        self._rising: _Sorted = []
        """By price, counted downward: the next to be reached is the last, the oldest first."""
        self._falling: _Sorted = []
        self._buys = Trail(Side.BUY)
        self._sells = Trail(Side.SELL)

    def add(self, record: ConditionalRecord) -> None:
        """Let an order wait for its trigger or activation."""
        waiting, key = self._place(record)
        insort(waiting, (*key, record))

    def trail(self, record: ConditionalRecord, price: Ticks) -> None:
        """Let a trailing stop follow the price from ``price``, the present one, on."""
        self._trail(record).add(record, price)

    def remove(self, record: ConditionalRecord) -> None:
        """Let an order wait no longer."""
        if record.peak is not None:
            self._trail(record).remove(record)
            return
        waiting, key = self._place(record)
        del waiting[bisect_left(waiting, key)]

    def follow(self, price: Ticks) -> None:
        """Let the trailing stops see a new price."""
        self._buys.follow(price)
        self._sells.follow(price)

    def next(self, price: Ticks) -> ConditionalRecord | None:
        """Take out and return the next order that ``price`` sets off, or return None."""
        rising, falling = self._rising, self._falling
        if rising and -rising[-1][0] <= price:
            return rising.pop()[2]
        if falling and falling[-1][0] >= price:
            return falling.pop()[2]
        return self._sells.next(price) or self._buys.next(price)

    def _place(self, record: ConditionalRecord) -> tuple[_Sorted, tuple[int, int]]:
        number = -record.conditional_id
        if record.rising:
            return self._rising, (-level(record), number)
        return self._falling, (level(record), number)

    def _trail(self, record: ConditionalRecord) -> Trail:
        return self._buys if record.command.side is Side.BUY else self._sells


class Board:
    """All lookouts of one market: for each price those that always act, and the protected ones."""

    __slots__ = ("_open", "_protected")

    def __init__(self) -> None:
        self._open = {gauge: Lookout() for gauge in Gauge}
        self._protected = {gauge: Lookout() for gauge in Gauge}

    def lookout(self, record: ConditionalRecord) -> Lookout:
        """Return where an order belongs. An activation needs no protection: it enters nothing."""
        command = record.command
        activates = command.kind is Kind.TRAILING_STOP and record.peak is None
        return self._open[command.gauge] if activates else self._acting(record)

    def start(self, record: ConditionalRecord, price: Ticks) -> None:
        """Let a trailing stop that waits for nothing more follow the price from ``price`` on."""
        self._acting(record).trail(record, price)

    def follow(self, gauge: Gauge, price: Ticks) -> None:
        """Let the trailing stops see a new price."""
        self._open[gauge].follow(price)
        self._protected[gauge].follow(price)

    def next(self, gauge: Gauge, price: Ticks) -> ConditionalRecord | None:
        """Take out and return the next unprotected order that a price sets off, or None."""
        return self._open[gauge].next(price)

    def next_protected(self, gauge: Gauge, price: Ticks) -> ConditionalRecord | None:
        """Take out and return the next protected order that a price sets off, or None."""
        return self._protected[gauge].next(price)

    def _acting(self, record: ConditionalRecord) -> Lookout:
        lookouts = self._protected if record.command.protected else self._open
        return lookouts[record.command.gauge]
