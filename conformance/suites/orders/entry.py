"""Claims about what an accepted order becomes."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Kind, PositionSide, Side, Status, TimeInForce
from conformance.model.outcomes import Accepted
from conformance.model.wire import Operation
from conformance.suites.staging import CROSSING_TICKS, hold, offered, order_of, quote, rest
from conformance.suites.witness import known, legs, refused, sent, settle, status

_STREAM = [Capability.PLACE, Capability.USER_STREAM]


@case("ORD-01", level=1, needs=[Capability.PLACE], source="NT E10-12")
@for_each(side=[Side.BUY, Side.SELL])
async def a_limit_order_rests_at_its_exact_price(
    adapter: Adapter, world: World, side: Side
) -> None:
    """A limit order away from the market rests with a venue id and its exact price."""
    request = order_of(world, side, 2, ticks_away=203)
    order = accepted(await adapter.place(request), "a legal limit order")
    check(order.venue_id, "an accepted order carries the venue's id", observed=order)
    equal(order.status, Status.OPEN, "a limit order away from the market is open")
    truth = world.truth.order(request.client_id or "")
    check(truth and truth.status is Status.OPEN, "the order rests at the venue", observed=truth)
    for witness in (order, truth):
        if witness:
            equal(
                (witness.side, witness.price, witness.quantity),
                (side, request.price, request.quantity),
                "side, price and quantity are exactly as asked",
            )
    equal(truth.venue_id if truth else "", order.venue_id, "the venue's id is kept verbatim")
    equal(len(sent(world, order.client_id)), 1, "an accepted order is sent once")


@case("ORD-02", level=1, needs=[*_STREAM, Capability.MARKET], source="NT E01-02")
@for_each(side=[Side.BUY, Side.SELL])
async def a_market_order_fills_as_the_ledger_says(
    adapter: Adapter, world: World, side: Side
) -> None:
    """Price, quantity, fee and average of a market order equal the venue's ledger."""
    # The average is to lie between two ticks, where nobody can round it unseen.
    near, far = (world.price(ticks, side.opposite) for ticks in (10, 31))
    for price, multiple in ((near, 1), (far, 3)):
        world.market.rest(side.opposite, price, world.quantity() * multiple)
    request = order_of(world, side, 4, kind=Kind.MARKET)
    accepted(await adapter.place(request), "a legal market order")
    await settle(adapter, world)
    order = known(adapter, request.client_id or "")
    check(order and order.status is Status.FILLED, "a market order is filled", observed=order)
    equal(
        order.average_price if order else None,
        (near + far * 3) / 4,
        "the average price weighs the executions by their quantities",
    )
    mine = [(fill.trade_id, fill.side, fill.fee, fill.maker) for fill in adapter.fills()]
    theirs = [(fill.trade_id, fill.side, fill.fee, fill.maker) for fill in world.truth.fills()]
    equal(mine, theirs, "fee and role of every execution equal the ledger's")


@case("ORD-03", level=2, needs=[*_STREAM, Capability.IOC], source="NT E13-14")
@for_each(available=[0, 1, 3], side=[Side.BUY, Side.SELL])
async def an_immediate_order_never_rests(
    adapter: Adapter, world: World, available: int, side: Side
) -> None:
    """The remainder of an immediate-or-cancel order expires and the quantities add up."""
    if available:
        quote(world, side, available)
    request = order_of(world, side, 3, ticks_away=CROSSING_TICKS, time_in_force=TimeInForce.IOC)
    outcome = await adapter.place(request)
    if available:
        accepted(outcome, "an immediate order with liquidity to take")
    await settle(adapter, world)
    word = known(adapter, request.client_id or "")
    if isinstance(outcome, Accepted):
        check(
            word and word.status.terminal,
            "an immediate order is over at once",
            expected="filled or expired",
            observed=word,
        )
        equal(
            word.filled if word else None,
            world.quantity() * available,
            "exactly the available quantity is filled",
        )
    equal(list(world.truth.open_orders()), [], "no part of an immediate order rests")


@case("ORD-04", level=2, needs=[*_STREAM, Capability.FOK], source="NT E15-16")
@for_each(available=[1, 3], side=[Side.BUY, Side.SELL])
async def a_fill_or_kill_order_is_all_or_nothing(
    adapter: Adapter, world: World, available: int, side: Side
) -> None:
    """A fill-or-kill order trades whole or not at all, and its end is reported."""
    quote(world, side, available)
    request = order_of(world, side, 3, ticks_away=CROSSING_TICKS, time_in_force=TimeInForce.FOK)
    outcome = await adapter.place(request)
    await settle(adapter, world)
    traded = sum(fill.quantity for fill in world.truth.fills())
    equal(
        traded,
        request.quantity if available == 3 else 0,
        "a fill-or-kill order reaches the venue as one",
    )
    word = known(adapter, request.client_id or "")
    if isinstance(outcome, Accepted):
        expected = Status.FILLED if available == 3 else Status.EXPIRED
        equal(word.status if word else None, expected, "the end of the order is reported")
    else:
        equal(available, 1, "a fill-or-kill order with enough liquidity is not refused")
        refused(outcome, "a fill-or-kill order without enough liquidity")


@case("ORD-05", level=2, needs=[*_STREAM, Capability.POST_ONLY], source="NT E60, NT E70")
@for_each(priced=["behind", "across"], side=[Side.BUY, Side.SELL])
async def a_post_only_order_never_takes(
    adapter: Adapter, world: World, priced: str, side: Side
) -> None:
    """A post-only order rests, or ends without a trade and with a reason."""
    crossing = priced == "across"
    quote(world, side, 2)
    request = order_of(
        world,
        side,
        ticks_away=CROSSING_TICKS if crossing else 200,
        time_in_force=TimeInForce.POST_ONLY,
    )
    outcome = await adapter.place(request)
    await settle(adapter, world)
    equal(list(world.truth.fills()), [], "a post-only order never takes liquidity")
    if not crossing:
        accepted(outcome, "a post-only order away from the market")
        equal(status(adapter, request.client_id or ""), Status.OPEN, "a post-only order rests")
        return
    equal(list(world.truth.open_orders()), [], "a post-only order that would take does not rest")
    word = known(adapter, request.client_id or "")
    if isinstance(outcome, Accepted):
        check(
            word and word.status in (Status.EXPIRED, Status.REJECTED) and word.reason,
            "a post-only order that would take is over, for a stated reason",
            expected="expired or rejected, with a reason",
            observed=word,
        )
    else:
        refused(outcome, "a post-only order that would take")


@case("ORD-06", level=2, needs=[*_STREAM, Capability.REDUCE_ONLY], source="NT E61, NT E71")
@for_each(held=[0, 2], kind=[Kind.LIMIT, Kind.MARKET], side=[Side.BUY, Side.SELL])
async def a_reduce_only_order_never_opens(
    adapter: Adapter, world: World, held: int, kind: Kind, side: Side
) -> None:
    """A reduce-only order shrinks a position, never flips it, and is refused without one."""
    if kind is Kind.MARKET:
        offered(adapter, Capability.MARKET)
    if held:
        await hold(adapter, world, side.opposite, held)
        await settle(adapter, world)
    quote(world, side, 5)
    for multiple in (1, 4):
        request = order_of(
            world, side, multiple, ticks_away=CROSSING_TICKS, kind=kind, reduce_only=True
        )
        outcome = await adapter.place(request)
        if not held:
            refused(outcome, "a reduce-only order without a position")
        elif multiple == 1:
            accepted(outcome, "a reduce-only order within the position")
        await settle(adapter, world)
        left = legs(world.truth.positions()).get((world.symbol, PositionSide.NET), 0)
        check(
            left * side.sign <= 0,
            "a reduce-only order neither opens nor flips a position",
            expected="a position that shrinks towards zero",
            observed=left,
        )
        if held and multiple == 1:
            equal(abs(left), world.quantity(), "a reduce-only order shrinks the position")


@case("ORD-11", level=2, needs=[Capability.BATCH, Capability.REDUCE_ONLY], source="NT E78")
async def every_item_of_a_batch_has_its_own_outcome(adapter: Adapter, world: World) -> None:
    """In a batch of five with two bad orders each order gets its own outcome, in order."""
    requests = [order_of(world, Side.BUY, ticks_away=200 + n) for n in range(5)]
    for bad in (1, 3):
        requests[bad] = replace(requests[bad], reduce_only=True)
    outcomes = await adapter.place_batch(requests)
    equal(len(outcomes), 5, "a batch returns one outcome for each order")
    for place, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
        if place in (1, 3):
            refused(outcome, f"bad order {place + 1} of a batch")
        else:
            order = accepted(outcome, f"good order {place + 1} of a batch")
            equal(order.client_id, request.client_id, "outcomes come in the order of the requests")
    good = {requests[place].client_id for place in (0, 2, 4)}
    live = {order.client_id for order in world.truth.open_orders()}
    equal(live, good, "exactly the good orders of a batch live at the venue")
    equal(
        len(world.wire.calls(Operation.PLACE_BATCH, Operation.PLACE)),
        1,
        "a batch is one message and is sent once",
    )


@case("ORD-16", level=2, needs=[Capability.PLACE], source="BTCS")
async def client_ids_are_unique_and_come_back(adapter: Adapter, world: World) -> None:
    """Client ids, given or made by the adapter, are legal, unique over restarts and verbatim."""
    seen: list[str] = []
    for life in range(2):
        for step in range(20):
            request = replace(order_of(world, Side.BUY, ticks_away=200 + step), client_id=None)
            order = accepted(await adapter.place(request), "an order without a given client id")
            seen.append(order.client_id)
        if not life:
            await world.quiet(1_000)
            adapter = await world.restart(adapter)
    equal(len(set(seen)), len(seen), "generated client ids are never used twice, restarts included")
    equal(
        sorted(seen),
        sorted(order.client_id for order in world.truth.orders()),
        "generated client ids are those under which the venue knows the orders",
    )
    given = await rest(adapter, world)
    check(
        world.truth.order(given.client_id),
        "a given client id reaches the venue unchanged",
        expected=given.client_id,
        observed=[order.client_id for order in world.truth.orders()][-1:],
    )
