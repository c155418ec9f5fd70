"""Claims about cancels and amendments whose fate is not known."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import PositionSide, Side, Status
from conformance.model.outcomes import Accepted, NotSent, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import hush, lift, order_of, rest
from conformance.suites.witness import buried, outcome_of, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.RECONCILE]


@case("UNK-07", level=2, needs=_NEEDS, source="NT E75", stimulus=True)
@for_each(executed=["executed", "lost"], trouble=["cut", "venue-does-not-know"])
async def an_unknown_cancel_stays_in_flight(
    adapter: Adapter, world: World, executed: str, trouble: str
) -> None:
    """When the outcome of a cancel is unknown the order stays in flight until it is proven."""
    order = await rest(adapter, world)
    await settle(adapter, world)
    muted = hush(world)
    happened = executed == "executed"
    if trouble == "cut":
        world.faults.lose_answer(Operation.CANCEL, executed=happened, times=1)
    else:
        world.faults.answer(Operation.CANCEL, Condition.TIMEOUT_UNKNOWN, executed=happened, times=1)
    outcome = await adapter.cancel(world.symbol, client_id=order.client_id)
    if happened:
        check(
            not isinstance(outcome, NotSent | Rejected),
            "a cancel that the venue carried out is not reported as failed",
            expected="cancelled, or unknown",
            observed=outcome,
        )
    for _ in range(50):
        equal(buried(adapter, world), [], "an order that lives is never believed to be over")
        await world.quiet(100)
    await settle(adapter, world, within_ms=300_000)
    truth = world.truth.order(order.client_id)
    equal(
        status(adapter, order.client_id),
        truth.status if truth else None,
        "after a cancel of unknown outcome the order is what the venue says",
    )
    if happened:
        equal(status(adapter, order.client_id), Status.CANCELLED, "the cancel is proven")
    lift(muted)


@case("UNK-08", level=2, needs=[*_NEEDS, Capability.AMEND], source="NT E76", stimulus=True)
@for_each(executed=["executed", "lost"])
async def an_unknown_amendment_is_proven(adapter: Adapter, world: World, executed: str) -> None:
    """When the outcome of an amendment is unknown, price and quantity are learned, not guessed."""
    order = await rest(adapter, world)
    await settle(adapter, world)
    muted = hush(world)
    happened = executed == "executed"
    world.faults.lose_answer(Operation.AMEND, executed=happened, times=1)
    outcome = await adapter.amend(
        world.symbol,
        client_id=order.client_id,
        price=world.price(170, order.side),
        quantity=order.quantity * 2,
    )
    if happened:
        check(
            not isinstance(outcome, NotSent | Rejected),
            "an amendment that the venue carried out is not reported as failed",
            expected="amended, or unknown",
            observed=outcome,
        )
    elif isinstance(outcome, Accepted):
        equal(
            [found.price for found in world.truth.open_orders()],
            [world.price(170, order.side)],
            "an amendment that never arrived is not reported as done",
        )
    await settle(adapter, world, within_ms=300_000)
    equal(len(world.truth.open_orders()), 1, "an unknown amendment leaves one order")
    lift(muted)


@case("UNK-11", level=3, needs=[*_NEEDS, Capability.LEVERAGE], source="I16, NT", stimulus=True)
@for_each(executed=["executed", "lost"])
async def an_unknown_leverage_is_not_guessed(adapter: Adapter, world: World, executed: str) -> None:
    """A leverage whose setting was not answered is reported neither as set nor as refused."""
    wanted = 9
    happened = executed == "executed"
    lost = world.faults.lose_answer(Operation.SET_LEVERAGE, executed=happened, times=1_000)
    outcome = await outcome_of(world, adapter.set_leverage(world.symbol, wanted))
    lost.withdraw()
    in_force = world.truth.leverage(world.symbol) == wanted
    check(
        in_force or not isinstance(outcome, Accepted),
        "a leverage that is not in force is not reported as set",
        expected="refused, not sent or unknown",
        observed=outcome,
    )
    check(
        not in_force or not isinstance(outcome, NotSent | Rejected),
        "a leverage that is in force is not reported as refused",
        expected="set, or unknown",
        observed=outcome,
    )
    again = await outcome_of(world, adapter.set_leverage(world.symbol, wanted))
    equal(accepted(again, "setting it again"), wanted, "the leverage is set once answers come")


@case("UNK-12", level=3, needs=[*_NEEDS, Capability.HEDGE_MODE], source="I16, NT", stimulus=True)
@for_each(executed=["executed", "lost"])
async def an_unknown_mode_is_proven_before_orders(
    adapter: Adapter, world: World, executed: str
) -> None:
    """After a switch of mode that was not answered, orders are made for the mode in force."""
    happened = executed == "executed"
    lost = world.faults.lose_answer(Operation.SET_POSITION_MODE, executed=happened, times=1_000)
    outcome = await outcome_of(world, adapter.set_hedge_mode(hedge=True))
    lost.withdraw()
    check(
        world.truth.hedge() or not isinstance(outcome, Accepted),
        "a mode that is not in force is not reported as set",
        expected="refused, not sent or unknown",
        observed=outcome,
    )
    await world.quiet(60_000)
    since = world.wire.mark()
    leg = PositionSide.LONG if world.truth.hedge() else PositionSide.NET
    accepted(
        await adapter.place(order_of(world, Side.BUY, position_side=leg)),
        "an order for the mode in force, a minute later",
    )
    codes = [call.reading.code for call in world.wire.calls(Operation.PLACE, since=since)]
    equal(codes, [""], "the first order after an unknown switch is made for the mode in force")


@case("UNK-13", level=2, needs=[*_NEEDS, Capability.CANCEL_ALL], source="NT E75", stimulus=True)
@for_each(executed=["executed", "lost"])
async def an_unknown_cancelling_of_all_is_proven(
    adapter: Adapter, world: World, executed: str
) -> None:
    """When nobody answers to cancelling everything, orders stay in flight until it is proven."""
    orders = [await rest(adapter, world, ticks_away=200 + 20 * n) for n in range(3)]
    await settle(adapter, world)
    muted = hush(world)
    happened = executed == "executed"
    lost = world.faults.lose_answer(Operation.CANCEL_ALL, executed=happened, times=1_000)
    outcome = await outcome_of(world, adapter.cancel_all(world.symbol))
    lost.withdraw()
    if isinstance(outcome, Accepted):
        equal(list(world.truth.open_orders()), [], "what still rests is not reported as cancelled")
    for _ in range(50):
        equal(buried(adapter, world), [], "an order that lives is never believed to be over")
        await world.quiet(100)
    await settle(adapter, world, within_ms=300_000)
    expected = Status.CANCELLED if happened else Status.OPEN
    equal(
        [status(adapter, order.client_id) for order in orders],
        [expected] * len(orders),
        "after cancelling everything without an answer each order is what the venue says",
    )
    lift(muted)
