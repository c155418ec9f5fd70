"""The engine against the least that price-time priority costs: dicts, bisect and deques.

The bare book knows ids, sides, prices and quantities; no accounts, margin, fees, events, filters.
"""

from __future__ import annotations

import random
import time
from bisect import insort
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from conformance.contracts.core import Core
from conformance.exchange import Engine
from conformance.model.commands import CancelOrder, Deposit, PlaceOrder
from conformance.model.events import CommandRefused, OrderAccepted
from conformance.model.instruments import Listing
from conformance.model.orders import Kind, Side

SEED = 7
CANCEL_SHARE = 0.35
ACCOUNTS = 40
"""On either side, so that no account reaches the venue's bound on open orders."""
REFUSED_SHARE_MAX = 0.01
SPREAD_TICKS = 20
RECENT = 500
START_MS = 1_700_000_000_000


class Step(NamedTuple):
    """Enter order ``number``, or cancel it when ``lots`` is 0."""

    number: int
    buy: bool
    ticks: int
    lots: int


def story(count: int, mid: int) -> list[Step]:
    """Make the same mix of orders and cancellations for every book."""
    chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
    steps: list[Step] = []
    entered: list[int] = []
    for number in range(count):
        if entered and chance.random() < CANCEL_SHARE:
            steps.append(Step(chance.choice(entered[-RECENT:]), buy=True, ticks=0, lots=0))
            continue
        buy = chance.random() < 0.5
        away = chance.randint(-2, SPREAD_TICKS)
        steps.append(Step(number, buy, mid - away if buy else mid + away, chance.randint(1, 9)))
        entered.append(number)
    return steps


class Bare:
    """A book that only matches."""

    def __init__(self) -> None:
        self._levels: tuple[dict[int, deque[list[int]]], ...] = ({}, {})
        self._prices: tuple[list[int], list[int]] = ([], [])
        self._live: dict[int, list[int]] = {}

    def enter(self, step: Step) -> None:
        """Match an order and rest what is left."""
        lots, sign = step.lots, -1 if step.buy else 1
        other, own = (1, 0) if step.buy else (0, 1)
        keys, levels = self._prices[other], self._levels[other]
        while lots and keys and keys[0] <= step.ticks * -sign:
            queue = levels[abs(keys[0])]
            while lots and queue:
                head = queue[0]
                traded = min(lots, head[1])
                head[1] -= traded
                lots -= traded
                if not head[1]:
                    queue.popleft()
                    self._live.pop(head[0], None)
            if not queue:
                del levels[abs(keys.pop(0))]
        if lots:
            order = [step.number, lots]
            self._live[step.number] = order
            if step.ticks not in self._levels[own]:
                self._levels[own][step.ticks] = deque()
                insort(self._prices[own], step.ticks * sign)
            self._levels[own][step.ticks].append(order)

    def cancel(self, number: int) -> None:
        """Empty an order lazily."""
        order = self._live.pop(number, None)
        if order:
            order[1] = 0


def bare_us(steps: Sequence[Step]) -> float:
    """Return the processor time of the bare book for one step, in microseconds."""
    book = Bare()
    begun = time.process_time_ns()
    for step in steps:
        if step.lots:
            book.enter(step)
        else:
            book.cancel(step.number)
    return (time.process_time_ns() - begun) / len(steps) / 1_000


def engine_us(listing: Listing, steps: Sequence[Step]) -> float:
    """Return the processor time of the engine for one command, in microseconds."""
    story = _rehearsed(listing, steps)
    engine = _opened(listing)
    begun = time.process_time_ns()
    for command, at in story:
        engine.apply(command, at)
    return (time.process_time_ns() - begun) / len(steps) / 1_000


def _opened(listing: Listing) -> Core:
    """Return an engine whose accounts have money."""
    engine: Core = Engine([listing])
    for number in range(ACCOUNTS):
        for account in (f"buyer{number}", f"seller{number}"):
            engine.apply(Deposit(account, listing.margin_asset, 10**17), START_MS)
    return engine


def _rehearsed(
    listing: Listing, steps: Sequence[Step]
) -> list[tuple[PlaceOrder | CancelOrder, int]]:
    """Return the commands of a story, played once to learn which ids its orders get."""
    engine = _opened(listing)
    refused = 0
    ids: dict[int, tuple[str, int]] = {}
    story = []
    for step, command in _commands(listing, steps, ids):
        at = START_MS + step.number
        events = engine.apply(command, at)
        story.append((command, at))
        if isinstance(events[0], OrderAccepted):
            ids[step.number] = (events[0].order.account, events[0].order.order_id)
        refused += bool(step.lots) and isinstance(events[0], CommandRefused)
    if refused > REFUSED_SHARE_MAX * len(steps):
        raise AssertionError(f"{refused} of {len(steps)} commands were refused: not this story")
    return story


def _commands(
    listing: Listing, steps: Sequence[Step], ids: dict[int, tuple[str, int]]
) -> Iterator[tuple[Step, PlaceOrder | CancelOrder]]:
    for step in steps:
        if step.lots:
            side = Side.BUY if step.buy else Side.SELL
            account = f"{'buyer' if step.buy else 'seller'}{step.number % ACCOUNTS}"
            yield (
                step,
                PlaceOrder(
                    account,
                    listing.symbol,
                    side,
                    Kind.LIMIT,
                    listing.min_lots + step.lots,
                    step.ticks,
                    f"c{step.number}",
                ),
            )
        elif step.number in ids:
            account, order_id = ids.pop(step.number)
            yield step, CancelOrder(account, listing.symbol, order_id)
