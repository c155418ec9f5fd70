"""The three witnesses of a case: the adapter's word, the venue's ledger, the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from conformance.cases import accepted, check, equal
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import Finding
from conformance.model.categories import Category
from conformance.model.orders import Book, Fill, Order, Position, PositionSide, Side, Status
from conformance.model.outcomes import NotSent, Outcome, Rejected
from conformance.model.wire import Operation, RoundTrip

T = TypeVar("T")
_PLAIN = (Category.STATE, Category.REQUEST)
_SETTLED = "the adapter's orders, fills and legs equal the venue's ledger"


def known(adapter: Adapter, client_id: str) -> Order | None:
    """Return the adapter's word on an order, or None when it does not know it."""
    for order in adapter.orders():
        if order.client_id == client_id:
            return order
    return None


def status(adapter: Adapter, client_id: str) -> Status | None:
    """Return the state the adapter believes an order to be in."""
    order = known(adapter, client_id)
    return order.status if order else None


def sent(world: World, client_id: str, *, since: int = 0) -> Sequence[RoundTrip]:
    """Return the requests that tried to place the order with this client id."""
    return [
        call
        for call in world.wire.calls(Operation.PLACE, since=since)
        if call.reading.client_id == client_id
    ]


def throttled(world: World, *, since: int = 0) -> Sequence[RoundTrip]:
    """Return the requests that the venue refused for speed."""
    words = {row.code for row in world.errors if row.category in ("throttled", "banned")}
    return [
        call
        for call in world.wire.calls(since=since)
        if call.reading.code in words or (call.reply and call.reply.status in (418, 429))
    ]


def executions(fills: Iterable[Fill]) -> list[tuple[str, str, Side, Decimal, Decimal]]:
    """Return fills as comparable rows; an execution counted twice shows up twice."""
    return sorted(
        (fill.symbol, fill.trade_id, fill.side, fill.price, fill.quantity) for fill in fills
    )


def legs(positions: Iterable[Position]) -> dict[tuple[str, PositionSide], Decimal]:
    """Return the signed quantity of every leg that is not flat."""
    return {(leg.symbol, leg.position_side): leg.quantity for leg in positions if leg.quantity}


def alike(mine: object, theirs: object, names: Iterable[str], what: str) -> None:
    """Raise Finding for the first of these fields in which two values differ."""
    for name in names:
        claim = f"the {name.replace('_', ' ')} of {what} is the venue's"
        equal(getattr(mine, name), getattr(theirs, name), claim)


def same_book(mine: Book, theirs: Book) -> bool:
    """Return True when a local book is valid and equal, level by level."""
    return mine.valid and mine.bids == theirs.bids and mine.asks == theirs.asks


def buried(adapter: Adapter, world: World) -> list[str]:
    """Return the client ids of live orders that the adapter believes to be over."""
    live = {order.client_id for order in world.truth.open_orders()}
    return [o.client_id for o in adapter.orders() if o.status.terminal and o.client_id in live]


def disputes(adapter: Adapter, world: World) -> list[str]:
    """Return every point in which the adapter's state contradicts the ledger."""
    found = _order_disputes(adapter, world)
    mine, theirs = executions(adapter.fills()), executions(world.truth.fills())
    if mine != theirs:
        found.append(f"fills: the adapter counts {mine}, the ledger {theirs}")
    mine_legs, their_legs = legs(adapter.held()), legs(world.truth.positions())
    if mine_legs != their_legs:
        found.append(f"legs: the adapter holds {mine_legs}, the ledger {their_legs}")
    return found


def _order_disputes(adapter: Adapter, world: World) -> list[str]:
    found = []
    # A venue may give its own orders no client id at all.
    words = adapter.orders()
    mine = {order.client_id: order for order in words if order.client_id}
    theirs = {order.client_id: order for order in world.truth.orders()}
    named = {(order.symbol, order.venue_id): order for order in words if order.venue_id}
    for client_id, truth in theirs.items():
        word = mine.get(client_id) or named.get((truth.symbol, truth.venue_id))
        if word is None:
            if truth.status.live:
                found.append(f"{client_id}: live at the venue, unknown to the adapter")
        elif (word.status, word.filled) != (truth.status, truth.filled):
            found.append(
                f"{client_id}: the adapter says {word.status} filled {word.filled}, "
                f"the ledger {truth.status} filled {truth.filled}"
            )
        elif word.side is not truth.side:
            found.append(f"{client_id}: a {word.side} for the adapter, a {truth.side} at the venue")
        elif truth.status.live and (word.price, word.quantity) != (truth.price, truth.quantity):
            found.append(
                f"{client_id}: the adapter says {word.quantity} at {word.price}, "
                f"the ledger {truth.quantity} at {truth.price}"
            )
    # A venue names its own orders as it likes: its number is what they are known by.
    numbers = {(order.symbol, order.venue_id) for order in theirs.values()}
    found.extend(
        f"{word.client_id}: {word.status} for the adapter, unheard of at the venue"
        for word in words
        if word.client_id not in theirs
        and (word.symbol, word.venue_id) not in numbers
        and word.status is not Status.REJECTED
    )
    return found


async def outcome_of(
    world: World, command: Coroutine[Any, Any, Outcome[T]], *, within_ms: int = 180_000
) -> Outcome[T]:
    """Return what a command comes to; raise Finding when it comes to nothing in time."""
    task = asyncio.ensure_future(command)
    try:
        await world.until(
            task.done,
            within_ms=within_ms,
            what=f"a command has an outcome within {within_ms // 1000} s, if only an unknown one",
        )
    except Finding:
        task.cancel()
        raise
    return task.result()


async def settle(adapter: Adapter, world: World, *, within_ms: int = 30_000) -> None:
    """Wait until adapter and ledger agree; raise Finding with every difference otherwise."""
    try:
        await world.until(lambda: not disputes(adapter, world), within_ms=within_ms)
    except Finding:
        raise Finding(
            f"{_SETTLED} within {within_ms} ms",
            expected="no difference",
            observed="; ".join(disputes(adapter, world)) or "agreement too late",
        ) from None


async def book_settles(adapter: Adapter, world: World, *, within_ms: int = 10_000) -> None:
    """Wait until the local book is valid and equal to the venue's."""
    await world.until(
        lambda: same_book(adapter.book(world.symbol), world.truth.book(world.symbol)),
        within_ms=within_ms,
        what=f"the local book is valid and equal to the venue's within {within_ms} ms",
    )


def refused(outcome: Outcome[T], what: str) -> None:
    """Raise Finding unless an outcome says for certain that the venue was not asked or said no."""
    if isinstance(outcome, NotSent):
        return
    if not isinstance(outcome, Rejected) or outcome.category not in _PLAIN:
        raise Finding(
            f"{what} is a definite refusal",
            expected="NotSent, Rejected(state) or Rejected(request)",
            observed=outcome,
        )


def not_denied(outcome: Outcome[Order], trouble: str) -> None:
    """Raise Finding when an outcome denies an order that the venue holds."""
    if isinstance(outcome, Rejected | NotSent):
        raise Finding(
            f"an order that the venue executed is never reported as failed after {trouble}",
            expected="accepted, or unknown until it is resolved",
            observed=outcome,
        )


def never_rejected(adapter: Adapter, client_id: str) -> None:
    """Raise Finding when the adapter ever published a rejection of a live order."""
    for order in adapter.updates():
        if order.client_id == client_id and order.status is Status.REJECTED:
            raise Finding(
                "no rejection is published for an order that the venue holds",
                expected="open, or unknown until it is resolved",
                observed=order,
            )


def one_intent(world: World, client_id: str, *, since: int = 0) -> None:
    """Raise Finding when one decision reached the venue under more than one client id."""
    ids = {call.reading.client_id for call in world.wire.calls(Operation.PLACE, since=since)}
    if ids - {client_id}:
        raise Finding(
            "one decision travels under one client order id, however often it is sent",
            expected={client_id},
            observed=ids,
        )
    orders = [order for order in world.truth.orders() if order.client_id == client_id]
    if len(orders) > 1:
        raise Finding(
            "one decision becomes at most one order",
            expected="one order",
            observed=orders,
        )


def told_of(adapter: Adapter, client_id: str) -> list[Order]:
    """Return the states of an order that the adapter published, in their order."""
    return [order for order in adapter.updates() if order.client_id == client_id]


def one_life(adapter: Adapter, client_id: str) -> None:
    """Raise Finding when a published state contradicts an earlier one."""
    story = told_of(adapter, client_id)
    for before, after in pairwise(story):
        check(
            after.filled >= before.filled,
            "the filled quantity of an order never shrinks",
            expected=f"at least {before.filled}",
            observed=after.filled,
        )
        check(
            not before.status.terminal or after.status is before.status,
            "an order that is over never comes back to life",
            expected=before.status,
            observed=after.status,
        )
    ends = [replace(order, updated_ms=0) for order in story if order.status.terminal]
    check(
        len(set(ends)) == len(ends),
        "the end of an order is published once",
        expected="one state",
        observed=ends,
    )


async def whole(adapter: Adapter, world: World, outcome: Outcome[Order], what: str) -> Order:
    """Return an accepted order once the adapter's stream knows it too."""
    order = accepted(outcome, what)
    await world.until(
        lambda: known(adapter, order.client_id),
        what=f"{what} appears among the adapter's orders",
    )
    return order
