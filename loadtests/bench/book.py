"""The engine against the least that price-time priority costs: dicts, bisect and deques.

The bare book knows ids, sides, prices and quantities; no accounts, margin, fees, events, filters.
"""

from __future__ import annotations

import gc
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
REFUSED_SHARE_MAX = 0.01
SPREAD_TICKS = 20
RECENT = 500
START_MS = 1_700_000_000_000
FAR_TICKS, FAR_LEVELS = 200, 1_000


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


class Crowd(NamedTuple):
    """Who is there when a story begins."""

    accounts: int = 80
    """So many that no account reaches the venue's bound on open orders."""
    resting: int = 0
    """Orders that rest beyond the reach of the story, on either side."""


FEW = Crowd()


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


def engine_us(listing: Listing, steps: Sequence[Step], crowd: Crowd = FEW) -> float:
    """Return the processor time of the engine for one command, in microseconds."""
    story = _rehearsed(listing, steps, crowd)
    engine = _opened(listing, crowd)
    gc.collect()
    gc.freeze()  # what was there before the first command is not the collector's business
    begun = time.process_time_ns()
    for command, at in story:
        engine.apply(command, at)
    spent = time.process_time_ns() - begun
    gc.unfreeze()
    return spent / len(story) / 1_000


def _opened(listing: Listing, crowd: Crowd) -> Core:
    """Return an engine whose accounts have money, and orders that rest far from the mark."""
    engine: Core = Engine([listing])
    for number in range(crowd.accounts):
        engine.apply(Deposit(_account(number, crowd), listing.margin_asset, 10**20), START_MS)
    mid = int(listing.initial_price / listing.tick)
    for number in range(crowd.resting):
        buy, away = number % 2 == 0, FAR_TICKS + number % FAR_LEVELS
        step = Step(number, buy, mid - away if buy else mid + away, 1)
        engine.apply(_limit(listing, step, f"r{number}", _account(number, crowd)), START_MS)
    return engine


def _account(number: int, crowd: Crowd) -> str:
    return f"trader{number % crowd.accounts}"


def _limit(listing: Listing, step: Step, name: str, account: str) -> PlaceOrder:
    side, quantity = Side.BUY if step.buy else Side.SELL, listing.min_lots + step.lots
    return PlaceOrder(account, listing.symbol, side, Kind.LIMIT, quantity, step.ticks, name)


def _rehearsed(
    listing: Listing, steps: Sequence[Step], crowd: Crowd
) -> list[tuple[PlaceOrder | CancelOrder, int]]:
    """Return the commands of a story, played once to learn which ids its orders get."""
    engine = _opened(listing, crowd)
    refused = 0
    ids: dict[int, tuple[str, int]] = {}
    story = []
    for step, command in _commands(listing, steps, ids, crowd):
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
    listing: Listing, steps: Sequence[Step], ids: dict[int, tuple[str, int]], crowd: Crowd
) -> Iterator[tuple[Step, PlaceOrder | CancelOrder]]:
    for step in steps:
        if step.lots:
            # Buyers and sellers are different accounts, as long as there is more than one.
            trader = _account(2 * step.number + step.buy, crowd)
            yield step, _limit(listing, step, f"c{step.number}", trader)
        elif step.number in ids:
            account, order_id = ids.pop(step.number)
            yield step, CancelOrder(account, listing.symbol, order_id)
