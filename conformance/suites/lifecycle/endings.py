"""Claims about states that come from the venue's side, or from another hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import WorldError
from conformance.model.capabilities import Capability, Way
from conformance.model.orders import Side, Status
from conformance.model.wire import Operation, Topic
from conformance.suites.staging import CROSSING_TICKS, hit, hold, order_of, quote, rest
from conformance.suites.witness import known, legs, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_NOVEL = "WORD_FROM_TOMORROW"


def _words(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:  # noqa: ANN401
    """Return every alphabetic text of a message by its place."""
    if isinstance(value, dict | list):
        rows = value.items() if isinstance(value, dict) else enumerate(value)
        found: dict[tuple[str, ...], str] = {}
        for name, inner in rows:
            found.update(_words(inner, (*path, str(name))))
        return found
    if isinstance(value, str) and value.replace("_", "").isalpha():
        return {path: value}
    return {}


def _last_message(world: World) -> bytes:
    return world.wire.frames(Topic.ORDERS, inbound=False)[-1].payload


async def _state_words(adapter: Adapter, world: World) -> set[str]:
    """Learn the venue's words for an order's state: those that a cancel changes."""
    order = await rest(adapter, world)
    await world.quiet(1_000)
    before = _words(json.loads(_last_message(world)))
    accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
    await world.quiet(1_000)
    after = _words(json.loads(_last_message(world)))
    words = {word for path, word in before.items() if after.get(path, word) != word}
    if not words:
        raise WorldError("a cancel changed no word of the order's message")
    return words


def _renamed(words: set[str]) -> Callable[[bytes], bytes]:
    def rewrite(payload: bytes) -> bytes:
        for word in words:
            payload = payload.replace(f'"{word}"'.encode(), f'"{_NOVEL}"'.encode())
        return payload

    return rewrite


@case("LIF-06", level=2, needs=_NEEDS, source="NT enum rule", stimulus=True)
async def a_new_state_word_does_not_end_an_order(adapter: Adapter, world: World) -> None:
    """An order in a state that is new to the adapter is kept, and its later fill counted."""
    words = await _state_words(adapter, world)
    world.faults.rewrite_push(Topic.ORDERS, _renamed(words), times=1)
    order = await rest(adapter, world)
    await world.quiet(1_000)
    word = known(adapter, order.client_id)
    check(
        word and not word.status.terminal,
        "an order in an unheard-of state is kept and not believed to be over",
        expected="open or unknown",
        observed=word,
    )
    hit(world, Side.BUY)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        what="after an unheard-of state the next fill is counted",
    )
    await settle(adapter, world)


@case("LIF-07", level=2, needs=_NEEDS, source="I39")
@for_each(cause=["knocked-out", "self-trade"])
async def an_expiry_is_an_end_with_a_reason(adapter: Adapter, world: World, cause: str) -> None:
    """An order that the venue itself ends is over for the adapter, and the reason is kept."""
    if cause == "knocked-out":
        await hold(adapter, world, Side.BUY, 2)
        request = order_of(world, Side.SELL, 2, reduce_only=True)
        accepted(await adapter.place(request), "a resting reduce-only order")
        placed = world.truth.order(request.client_id or "")
        check(
            placed and placed.reduce_only,
            "a reduce-only order is one at the venue too",
            expected="reduce-only",
            observed=placed,
        )
        await hold(adapter, world, Side.SELL, 2)
    else:
        world.require(Way.SELF_TRADES_PREVENTED)
        request = order_of(world, Side.SELL, ticks_away=20)
        accepted(await adapter.place(request), "a resting limit order")
        quote(world, Side.BUY)
        await adapter.place(order_of(world, Side.BUY, 2, ticks_away=CROSSING_TICKS))
    if not any(order.status is Status.EXPIRED for order in world.truth.orders()):
        raise WorldError(f"the venue ended no order by itself ({cause})")
    await settle(adapter, world)
    for truth in world.truth.orders():
        word = known(adapter, truth.client_id)
        if truth.status is Status.EXPIRED:
            check(
                word and word.status is Status.EXPIRED and word.reason,
                "an order ended by the venue is expired, with its reason",
                expected="expired, with a reason",
                observed=word,
            )


def _nothing_cancelled(world: World) -> None:
    cancels = world.wire.calls(Operation.CANCEL, Operation.CANCEL_ALL, Operation.CANCEL_BATCH)
    equal(
        [(str(call.reading.operation), call.reading.client_id) for call in cancels],
        [],
        "no order is cancelled that nobody asked to cancel",
    )


@case("LIF-09", level=2, needs=_NEEDS, source="I26")
async def a_foreign_order_is_left_alone(adapter: Adapter, world: World) -> None:
    """An order placed by another client of the account is shown as foreign and never touched."""
    own = await rest(adapter, world, side=Side.SELL)
    foreign = world.market.foreign(order_of(world, Side.BUY))
    await world.until(
        lambda: known(adapter, foreign.client_id),
        within_ms=60_000,
        what="an order of another client of the account is noticed",
    )
    word = known(adapter, foreign.client_id)
    check(
        word and not word.own,
        "an order of another client is shown as foreign",
        expected="own=False",
        observed=word,
    )
    mine = known(adapter, own.client_id)
    check(mine and mine.own, "our own order is shown as our own", observed=mine)
    await world.quiet(120_000)
    _nothing_cancelled(world)
    hit(world, Side.BUY)
    await world.until(
        lambda: adapter.held() and adapter.held()[0].quantity == world.quantity(),
        within_ms=60_000,
        what="the fill of a foreign order changes the account's position",
    )
    survivor = world.market.foreign(order_of(world, Side.BUY))
    await world.quiet(60_000)
    await adapter.stop()
    _nothing_cancelled(world)
    left = world.truth.order(survivor.client_id)
    check(left and left.status.live, "a foreign order survives the adapter's stop", observed=left)


@case("LIF-11", level=2, needs=_NEEDS, source="I22")
async def a_fill_in_an_unused_symbol_is_kept(adapter: Adapter, world: World) -> None:
    """A fill in a symbol that the adapter has never used changes the position all the same."""
    symbol = world.symbols[2]
    foreign = world.market.foreign(order_of(world, Side.BUY, 2, symbol=symbol))
    hit(world, Side.BUY, 2, symbol=symbol)
    await world.until(
        lambda: legs(adapter.held()) == legs(world.truth.positions()),
        what="a fill in a symbol that was never used shows in the position",
    )
    word = known(adapter, foreign.client_id)
    check(
        word and word.status is Status.FILLED,
        "an order in a symbol that was never used is known with its fill",
        expected="filled",
        observed=word,
    )


_ODDITIES = {
    "unheard-of": b'{"e":"wordFromTomorrow","topic":"wordFromTomorrow","data":[{"x":null}]}',
    "empty": b"{}",
    "array": b"[1]",
    "null": b"null",
}


@case("LIF-15", level=2, needs=_NEEDS, source="NT enum rule, B030, B134", stimulus=True)
@for_each(oddity=list(_ODDITIES))
async def an_odd_event_of_the_account_costs_nothing(
    adapter: Adapter, world: World, oddity: str
) -> None:
    """An event of the account that is new, or no event at all, leaves all others counted."""
    order = await rest(adapter, world, multiple=3)
    await settle(adapter, world)
    world.faults.replace_push(Topic.ORDERS, _ODDITIES[oddity], times=1)
    hit(world, Side.BUY)
    await settle(adapter, world, within_ms=120_000)
    hit(world, Side.BUY, 2)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=2_000,
        what="after an odd event the next ones are counted at once",
    )
    await settle(adapter, world)
