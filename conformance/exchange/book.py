"""The order book of one symbol: levels by price, orders by time.

A side keeps a dict of levels and a sorted list of keys; a key is the price counted upward from
worst to best (asks are negated), so the best level is the last key on either side. A level keeps
its orders in a plain dict: it remembers the order of arrival and forgets in constant time, which
a deque cannot, so a cancel never leaves anything behind.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from conformance.model.ids import Lots, Ticks
from conformance.model.orders import BUY, Side
from conformance.model.records import Level, OrderRecord


class Queue:
    """The orders of one price, oldest first, and their remaining quantity."""

    __slots__ = ("lots", "orders", "price")

    def __init__(self, price: Ticks) -> None:
        self.price = price
        self.lots: Lots = 0
        self.orders: dict[int, OrderRecord] = {}


class Ladder:
    """One side of a book."""

    __slots__ = ("_keys", "_queues", "_sign")

    def __init__(self, side: Side) -> None:
        self._sign = side.sign
        self._keys: list[int] = []
        self._queues: dict[int, Queue] = {}

    def best(self) -> Queue | None:
        """Return the best level, or None when the side is empty."""
        return self._queues[self._keys[-1]] if self._keys else None

    def meets(self, limit: Ticks) -> Queue | None:
        """Return the best level if an order of the other side limited to ``limit`` meets it."""
        keys = self._keys
        return self._queues[keys[-1]] if keys and keys[-1] >= limit * self._sign else None

    def nth(self, level: int) -> Ticks | None:
        """Return the price of the ``level``-th best level (1: the best), or None without one."""
        keys = self._keys
        return keys[-level] * self._sign if 1 <= level <= len(keys) else None

    def add(self, order: OrderRecord, price: Ticks) -> Lots:
        """Put an order behind all others of its price; return what is there then."""
        key = price * self._sign
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = Queue(price)
            insort(self._keys, key)
        queue.orders[order.order_id] = order
        queue.lots += order.quantity - order.filled
        return queue.lots

    def remove(self, order: OrderRecord, price: Ticks) -> Lots:
        """Take an order out, with whatever remains of it; return what is there then."""
        queue = self._queues[price * self._sign]
        del queue.orders[order.order_id]
        queue.lots -= order.quantity - order.filled
        if not queue.orders:
            self._drop(price * self._sign)
        return queue.lots

    def shrink(self, price: Ticks, lots: Lots) -> Lots:
        """Take ``lots`` off an order that keeps its place; return what is there then."""
        queue = self._queues[price * self._sign]
        queue.lots -= lots
        return queue.lots

    def fill(self, order: OrderRecord, price: Ticks, lots: Lots) -> None:
        """Take ``lots`` off an order whose ``filled`` already counts them."""
        queue = self._queues[price * self._sign]
        queue.lots -= lots
        if order.filled == order.quantity:
            del queue.orders[order.order_id]
            if not queue.orders:
                self._drop(price * self._sign)

    def levels(self, count: int) -> tuple[Level, ...]:
        """Return the best ``count`` levels, best first."""
        keys = self._keys[-count:] if count > 0 else []
        return tuple(Level(key * self._sign, self._queues[key].lots) for key in reversed(keys))

    def within(self, limit: Ticks) -> Iterator[OrderRecord]:
        """Yield the orders that one of the other side limited to ``limit`` meets, first first."""
        bound = limit * self._sign
        for key in reversed(self._keys):
            if key < bound:
                return
            yield from self._queues[key].orders.values()

    def _drop(self, key: int) -> None:
        del self._queues[key]
        del self._keys[bisect_left(self._keys, key)]


class Book:
    """Both sides of one symbol."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = Ladder(Side.BUY)
        self.asks = Ladder(Side.SELL)

    def side(self, side: Side) -> Ladder:
        """Return the ladder on which orders of ``side`` rest."""
        return self.bids if side is BUY else self.asks

    def against(self, side: Side) -> Ladder:
        """Return the ladder that orders of ``side`` take from."""
        return self.asks if side is BUY else self.bids
