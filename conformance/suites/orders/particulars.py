"""Claims about orders in company: in a batch, at once, asked about, waiting for a trigger."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import Beyond
from conformance.model.capabilities import Capability
from conformance.model.orders import (
    Kind,
    Order,
    OrderRequest,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.outcomes import Accepted
from conformance.model.wire import Operation, WireReply
from conformance.suites.staging import (
    CROSSING_TICKS,
    PRIVATE,
    hit,
    hold,
    offered,
    order_of,
    quote,
)
from conformance.suites.witness import alike, known, refused, sent, settle, status

_STREAM = [Capability.PLACE, Capability.USER_STREAM]
_TRIGGER_TICKS = 400
_LONG_BATCH = 26
"""Orders: more than any venue takes in one message."""


_ASKED = (
    "client_id",
    "symbol",
    "side",
    "kind",
    "price",
    "quantity",
    "time_in_force",
    "reduce_only",
    "position_side",
)
"""What an owner decides about an order."""
_TOLD = (*_ASKED, "venue_id", "status", "filled", "average_price")
"""What a venue tells about one; a market order has no price of its owner's."""


def _mixed(adapter: Adapter, world: World, *, hedge: bool) -> list[OrderRequest]:
    """Describe resting orders that have nothing in common but their kind."""
    here, there = world.symbols[:2]
    passive = TimeInForce.GTC
    if Capability.POST_ONLY in adapter.capabilities:
        passive = TimeInForce.POST_ONLY
    legs = {Side.BUY: PositionSide.LONG, Side.SELL: PositionSide.SHORT}
    wishes = [
        (Side.BUY, 1, here, TimeInForce.GTC),
        (Side.SELL, 2, here, passive),
        (Side.SELL, 3, there, TimeInForce.GTC),
        (Side.BUY, 4, there, passive),
    ]
    return [
        order_of(
            world,
            side,
            multiple,
            symbol=symbol,
            ticks_away=200 + 10 * multiple,
            time_in_force=force,
            position_side=legs[side] if hedge else PositionSide.NET,
        )
        for side, multiple, symbol, force in wishes
    ]


@case("ORD-17", level=2, needs=[Capability.BATCH], source="B035, B099", started=False)
@for_each(mode=["one-way", "hedge"])
async def orders_of_a_batch_keep_what_is_theirs(adapter: Adapter, world: World, mode: str) -> None:
    """Each order of a batch is entered with its own symbol, side, figures, force and leg."""
    if mode == "hedge":
        offered(adapter, Capability.HEDGE_MODE)
        world.market.set_hedge_mode(hedge=True)
    await adapter.start()
    requests = _mixed(adapter, world, hedge=mode == "hedge")
    outcomes = await adapter.place_batch(requests)
    equal(len(outcomes), len(requests), "a batch returns one outcome for each order")
    for number, outcome in enumerate(outcomes, 1):
        accepted(outcome, f"order {number} of a batch")
    for request in requests:
        truth = world.truth.order(request.client_id or "")
        alike(request, truth, _ASKED, "an order of a batch")


@case("ORD-22", level=2, needs=[Capability.BATCH], source="B052, NT E78")
async def a_long_batch_loses_none_of_its_orders(adapter: Adapter, world: World) -> None:
    """Of more orders than a message holds every one is placed, and answered in its place."""
    requests = [
        order_of(world, side, ticks_away=200 + number)
        for number in range(_LONG_BATCH // 2)
        for side in Side
    ]
    outcomes = await adapter.place_batch(requests)
    equal(len(outcomes), len(requests), "a batch returns one outcome for each order")
    for request, outcome in zip(requests, outcomes, strict=True):
        order = accepted(outcome, "an order of a long batch")
        equal(order.client_id, request.client_id, "outcomes come in the order of the requests")
    equal(
        sorted(order.client_id for order in world.truth.open_orders()),
        sorted(request.client_id or "" for request in requests),
        "exactly the orders of the batch live at the venue",
    )


@case("ORD-18", level=2, needs=[Capability.PLACE], source="TexasCoding/project-x-py#85")
async def orders_at_once_get_their_own_answers(adapter: Adapter, world: World) -> None:
    """Of orders sent at once, each outcome tells of the order that it was asked for."""
    requests = [
        order_of(world, side, multiple, ticks_away=200 + 10 * multiple)
        for multiple, side in enumerate([Side.BUY, Side.SELL] * 3, 1)
    ]
    outcomes = await asyncio.gather(*(adapter.place(request) for request in requests))
    for request, outcome in zip(requests, outcomes, strict=True):
        order = accepted(outcome, "one of several orders sent at once")
        equal(order.client_id, request.client_id, "an outcome tells of its own order")
        truth = world.truth.order(request.client_id or "")
        alike(order, truth, (*_ASKED, "venue_id"), "one of several orders sent at once")


async def _brought(adapter: Adapter, world: World, state: str) -> Order:
    """Bring an order into a state."""
    side, crossing = Side.SELL, CROSSING_TICKS
    if state == "resting":
        passive = Capability.POST_ONLY in adapter.capabilities
        force = TimeInForce.POST_ONLY if passive else TimeInForce.GTC
        request = order_of(world, side, 4, time_in_force=force)
    elif state == "of-a-leg":
        request = order_of(world, side, 4, position_side=PositionSide.SHORT)
    elif state == "reducing":
        await hold(adapter, world, side.opposite, 4)
        request = order_of(world, side, 2, reduce_only=True)
    elif state == "cancelled":
        request = order_of(world, side, 4)
    else:
        kind = Kind.MARKET if state == "market" else Kind.LIMIT
        for ticks, multiple in ((10, 1), (30, 1 if state == "partly-filled" else 3)):
            price = world.price(ticks, side.opposite)
            world.market.rest(side.opposite, price, world.quantity() * multiple)
        request = order_of(world, side, 4, ticks_away=crossing, kind=kind)
    order = accepted(await adapter.place(request), f"an order that is to be {state}")
    if state == "cancelled":
        hit(world, side, 1)
        accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
    await settle(adapter, world)
    return order


_NEEDED = {
    "of-a-leg": Capability.HEDGE_MODE,
    "reducing": Capability.REDUCE_ONLY,
    "market": Capability.MARKET,
}
_STATES = ["resting", "partly-filled", "filled", "cancelled", *_NEEDED]


@case(
    "ORD-19", level=1, needs=[*_STREAM, Capability.QUERY], source="ccxt/ccxt#30572, ccxt/ccxt#23601"
)
@for_each(state=_STATES)
async def a_question_is_answered_with_what_is(adapter: Adapter, world: World, state: str) -> None:
    """Asked for without memory, by either id or in a list, an order is told as the venue has it."""
    if state in _NEEDED:
        offered(adapter, _NEEDED[state])
    if state == "of-a-leg":
        world.market.set_hedge_mode(hedge=True)
        adapter = await world.restart(adapter)
    elsewhere = world.market.foreign(
        order_of(
            world,
            Side.BUY,
            symbol=world.symbols[1],
            position_side=PositionSide.LONG if world.truth.hedge() else PositionSide.NET,
        )
    )
    order = await _brought(adapter, world, state)
    heir = await world.restart(adapter)
    truth = world.truth.order(order.client_id)
    told = [name for name in _TOLD if name != "price" or state != "market"]
    for outcome in (
        await heir.order(world.symbol, client_id=order.client_id),
        await heir.order(world.symbol, venue_id=order.venue_id),
    ):
        word = accepted(outcome, f"a question about an order that is {state}")
        alike(word, truth, told, f"an order that is {state}")
    for symbol in (world.symbol, elsewhere.symbol):
        listed = accepted(await heir.open_orders(symbol), "a question for resting orders")
        resting = {row.client_id: row for row in world.truth.open_orders() if row.symbol == symbol}
        equal(
            sorted(row.client_id for row in listed),
            sorted(resting),
            "a question for the resting orders of a symbol is answered with exactly those",
        )
        for row in listed:
            alike(row, resting[row.client_id], _TOLD, "an order that rests")


def _conditional(world: World, kind: Kind, side: Side, *, rising: bool) -> OrderRequest:
    trigger = world.price(_TRIGGER_TICKS, Side.SELL if rising else Side.BUY)
    generous = trigger + side.sign * world.listing.tick * 10
    return replace(
        order_of(world, side, kind=kind),
        price=generous if kind is Kind.STOP_LIMIT else None,
        trigger_price=trigger,
    )


def _reach(world: World, trigger: Decimal, *, rising: bool) -> None:
    """Let the last price and the mark come to the trigger, with liquidity behind it."""
    aggressor = Side.BUY if rising else Side.SELL
    world.market.clear()
    for side in Side:
        beyond = trigger + side.opposite.sign * world.listing.tick
        world.market.rest(side, beyond, world.quantity() * 5)
    world.market.take(aggressor, world.quantity())
    world.market.rest(aggressor.opposite, trigger, world.quantity() * 5)
    world.market.take(aggressor, world.quantity())
    world.market.mark(trigger)


@case(
    "ORD-09",
    level=1,
    needs=_STREAM,
    source="I17, coinbase/coinbase-pro-trading-toolkit#99, ccxt/ccxt#16442",
)
@for_each(
    kind=[Kind.STOP_MARKET, Kind.STOP_LIMIT, Kind.TAKE_PROFIT_MARKET], side=[Side.BUY, Side.SELL]
)
async def a_conditional_order_waits_or_is_refused(
    adapter: Adapter, world: World, kind: Kind, side: Side
) -> None:
    """A conditional order never acts before its trigger; reported as accepted, it acts at it."""
    quote(world, side, 5)
    rising = (side is Side.BUY) is not (kind is Kind.TAKE_PROFIT_MARKET)
    request = _conditional(world, kind, side, rising=rising)
    outcome = await adapter.place(request)
    await world.quiet(5_000)
    equal(list(world.truth.fills()), [], "an order with a trigger does not trade before it")
    equal(list(world.truth.open_orders()), [], "an order with a trigger does not rest before it")
    word = known(adapter, request.client_id or "")
    if not isinstance(outcome, Accepted):
        refused(outcome, "a conditional order that is not offered")
        codes = [call.reading.code for call in sent(world, request.client_id or "")]
        equal(codes, [], "a legal conditional order that is sent is such that the venue takes it")
        check(
            word is None or word.status is Status.REJECTED,
            "a conditional order that was refused is not believed to wait",
            expected="rejected, or forgotten",
            observed=word,
        )
        return
    check(word and word.status.live, "an accepted conditional order is known", observed=word)
    await _kept(adapter, world, request, rising=rising)


async def _kept(adapter: Adapter, world: World, request: OrderRequest, *, rising: bool) -> None:
    """Judge an accepted conditional order: it waits, survives a restart, and acts when it may."""
    client_id = request.client_id or ""
    await world.quiet(60_000)
    check(
        (word := status(adapter, client_id)) and word.live,
        "a conditional order that waits is not believed to be over",
        expected="open",
        observed=status(adapter, client_id),
    )
    if Capability.RECONCILE in adapter.capabilities:
        adapter = await world.restart(adapter)
        await world.until(
            lambda: (word := status(adapter, client_id)) and word.live,
            within_ms=30_000,
            what="after a restart a conditional order that waits is known",
        )
    assert request.trigger_price is not None
    _reach(world, request.trigger_price, rising=rising)
    await world.until(
        lambda: sum(fill.quantity for fill in world.truth.fills()) == request.quantity,
        what="a conditional order that was accepted trades once its trigger is reached",
    )
    await world.until(
        lambda: status(adapter, client_id) is Status.FILLED,
        what="a conditional order that traded is known as filled",
    )


_DIGITS = "000000000007"
"""What makes a number of seven digits one that no binary float can hold."""


@case("ORD-20", level=2, needs=_STREAM, source="B096, CX", stimulus=True)
async def the_venues_id_is_kept_to_its_last_digit(adapter: Adapter, world: World) -> None:
    """A venue's id that is a number of many digits is kept to the last of them, wherever told."""

    def lengthened(text: bytes) -> bytes:
        for order in world.truth.orders():
            short = order.venue_id.encode()
            text = text.replace(short, short + _DIGITS.encode())
        return text

    def answered(reply: WireReply) -> WireReply:
        return reply._replace(body=lengthened(reply.body))

    probe = world.market.foreign(order_of(world, Side.BUY, ticks_away=300))
    if not probe.venue_id.isdecimal():
        raise Beyond("the venue's ids are no numbers")
    world.faults.rewrite_answer(Operation.PLACE, answered, times=1)
    for topic in PRIVATE:
        world.faults.rewrite_push(topic, lengthened, times=20).optional()
    request = order_of(world, Side.BUY)
    order = accepted(await adapter.place(request), "a resting limit order")
    truth = world.truth.order(order.client_id)
    expected = truth.venue_id + _DIGITS if truth else ""
    equal(order.venue_id, expected, "the venue's id in an answer is kept to the last digit")
    hit(world, Side.BUY)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=2_000,
        what="an order with a long id is known as filled by its events",
    )
    word = known(adapter, order.client_id)
    equal(word.venue_id if word else "", expected, "the venue's id in events is kept as well")
