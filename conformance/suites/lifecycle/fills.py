"""Claims about executions as they arrive."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side, Status
from conformance.model.wire import Operation, Topic
from conformance.suites.staging import CROSSING_TICKS, LIQUIDITY_TICKS, hit, order_of, quote, rest
from conformance.suites.witness import (
    executions,
    known,
    one_life,
    sent,
    settle,
    status,
    told_of,
)

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]


@case("LIF-01", level=1, needs=_NEEDS, source="NT")
@for_each(side=[Side.BUY, Side.SELL])
async def partial_fills_add_up(adapter: Adapter, world: World, side: Side) -> None:
    """Through three partial fills and the last one, filled and remaining are exact."""
    order = await rest(adapter, world, side=side, multiple=7)
    least = world.quantity()
    done = 0
    for multiple in (1, 2, 1, 3):
        hit(world, side, multiple)
        done += multiple
        expected = Status.FILLED if done == 7 else Status.PARTIALLY_FILLED
        await settle(adapter, world)
        word = known(adapter, order.client_id)
        check(word, "a filled order stays known", observed=word)
        equal(
            (word.status, word.filled, word.remaining) if word else None,
            (expected, least * done, least * (7 - done)),
            "state, filled and remaining quantity are exact after every fill",
        )
        equal(
            word.average_price if word else None,
            order.price,
            "a resting order trades at its own price",
        )
    filled = [update.filled for update in told_of(adapter, order.client_id)]
    for expected_filled in (least, least * 3, least * 4, least * 7):
        check(
            expected_filled in filled,
            "every partial fill is published as a state of its own",
            expected=expected_filled,
            observed=filled,
        )
    one_life(adapter, order.client_id)


@case("LIF-02", level=2, needs=_NEEDS, source="I20")
@for_each(fills=[2, 5])
async def fills_of_one_instant_are_all_kept(adapter: Adapter, world: World, fills: int) -> None:
    """Fills that come in the same instant are all delivered and none replaces another."""
    order = await rest(adapter, world, multiple=fills)
    for _ in range(fills):
        hit(world, Side.BUY)
    await settle(adapter, world)
    equal(
        len([fill for fill in adapter.fills() if fill.client_id == order.client_id]),
        fills,
        "every execution of one instant is delivered",
    )
    published = {update.filled for update in told_of(adapter, order.client_id)}
    missing = {world.quantity() * n for n in range(1, fills + 1)} - published
    equal(missing, set(), "every step of a burst of fills is published, none is overwritten")


@case("LIF-03", level=2, needs=_NEEDS, source="I37", stimulus=True)
@for_each(lead=["just-before", "long-before"], side=[Side.BUY, Side.SELL])
async def events_may_come_before_the_answer(
    adapter: Adapter, world: World, lead: str, side: Side
) -> None:
    """Events that overtake the answer to the order that caused them are kept and attributed."""
    # Two prices: some venues tell several fills of one order in one message.
    behind = world.price(LIQUIDITY_TICKS + 1, side.opposite)
    world.market.rest(side.opposite, behind, world.quantity())
    quote(world, side)
    if lead == "just-before":
        world.faults.push_before_reply(Operation.PLACE, times=1)
    else:
        world.faults.delay_answer(Operation.PLACE, 2_000, times=1)
    request = order_of(world, side, 2, ticks_away=CROSSING_TICKS)
    client_id = request.client_id or ""
    accepted(await adapter.place(request), "an order whose events come before its answer")
    await world.until(
        lambda: executions(adapter.fills()) == executions(world.truth.fills()),
        within_ms=300,
        what="fills that came before the answer are counted once the answer is there",
    )
    await settle(adapter, world)
    words = [order for order in adapter.orders() if order.client_id == client_id]
    equal(len(words), 1, "event and answer speak of one order")
    check(
        words[0].own and words[0].status is Status.FILLED,
        "an order whose events come first is our own and filled",
        expected="own, filled",
        observed=words[0],
    )
    one_life(adapter, client_id)
    check(
        [update for update in told_of(adapter, client_id) if update.filled],
        "fills that come before the answer are published",
        expected="a state with a filled quantity",
        observed=told_of(adapter, client_id),
    )


@case("LIF-04", level=2, needs=_NEEDS, source="JP", stimulus=True)
@for_each(skip=[0, 1])
async def swapped_events_do_not_undo_the_end(adapter: Adapter, world: World, skip: int) -> None:
    """With events out of order the end of an order stays its end, and no fill is lost."""
    client_id = (await rest(adapter, world, multiple=2 + skip)).client_id
    await world.quiet(1_000)
    world.faults.swap_pushes(Topic.ORDERS, times=1, skip=skip)
    for _ in range(2 + skip):
        hit(world, Side.BUY)
    await world.quiet(2_000)
    one_life(adapter, client_id)
    await settle(adapter, world, within_ms=120_000)
    equal(status(adapter, client_id), Status.FILLED, "the last word on a filled order is filled")
    one_life(adapter, client_id)


@case("LIF-05", level=2, needs=_NEEDS, source="I34", stimulus=True)
async def a_missing_first_event_is_no_reason_to_resend(adapter: Adapter, world: World) -> None:
    """An order whose acceptance event never comes is filled all the same, and sent once."""
    world.faults.drop_push(Topic.ORDERS, times=1)
    quote(world, Side.BUY)
    request = order_of(world, Side.BUY, ticks_away=CROSSING_TICKS)
    client_id = request.client_id or ""
    accepted(await adapter.place(request), "a crossing limit order")
    await settle(adapter, world, within_ms=120_000)
    await world.quiet(60_000)
    equal(status(adapter, client_id), Status.FILLED, "a filled order is known as filled")
    equal(len(sent(world, client_id)), 1, "an order is not sent again for want of an event")
    equal(len(world.truth.orders()), 1, "one decision becomes one order")
