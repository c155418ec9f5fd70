"""Claims about cancels and amendments whose fate is not known."""

from __future__ import annotations

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Status
from conformance.model.outcomes import Accepted, NotSent, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import hush, lift, rest
from conformance.suites.witness import buried, settle, status

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
