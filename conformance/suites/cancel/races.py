"""Claims about cancels and amendments that are refused, too early or too late."""

from __future__ import annotations

import asyncio

from conformance.cases import accepted, case, check, equal, fail, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Order, Side, Status
from conformance.model.outcomes import Accepted, Outcome
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import everywhere, hit, offered, order_of, rest
from conformance.suites.witness import buried, known, outcome_of, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_LATE_MS = 3_000
_UNBURIED = "an order that lives is never believed to be over"


async def _changed(
    adapter: Adapter, world: World, operation: Operation, order: Order
) -> Outcome[Order]:
    if operation is Operation.CANCEL:
        command = adapter.cancel(world.symbol, client_id=order.client_id)
    else:
        command = adapter.amend(
            world.symbol,
            client_id=order.client_id,
            price=world.price(170, order.side),
            quantity=order.quantity * 2,
        )
    return await outcome_of(world, command)


@case(
    "CAN-12",
    level=2,
    needs=_NEEDS,
    source="QuantConnect/Lean#1053, joaquinbejar/OrderBook-rs#98",
    stimulus=True,
)
@for_each(
    operation=[Operation.CANCEL, Operation.AMEND],
    condition=[Condition.THROTTLED, Condition.OVERLOADED_REFUSED, Condition.MAINTENANCE],
)
async def a_refused_change_leaves_the_order_alive(
    adapter: Adapter, world: World, operation: Operation, condition: Condition
) -> None:
    """A cancel or amendment that the venue certainly refused leaves the order as it was."""
    if operation is Operation.AMEND:
        offered(adapter, Capability.AMEND)
    order = await rest(adapter, world)
    await settle(adapter, world)
    trouble = world.faults.answer(operation, condition, times=1_000)
    outcome = await _changed(adapter, world, operation, order)
    trouble.withdraw()
    if isinstance(outcome, Accepted):
        fail("a refused change is not reported as done", observed=outcome)
    await world.quiet(1_000)
    equal(buried(adapter, world), [], _UNBURIED)
    ends = [u.status for u in adapter.updates() if u.status.terminal]
    equal(ends, [], "no end is published for an order whose change was refused")
    word = known(adapter, order.client_id)
    equal(
        (word.price, word.quantity) if word else None,
        (order.price, order.quantity),
        "an order whose change was refused keeps its figures",
    )
    hit(world, order.side)
    await settle(adapter, world, within_ms=120_000)
    equal(status(adapter, order.client_id), Status.FILLED, "its later fill is counted")


@case("CAN-13", level=2, needs=[*_NEEDS, Capability.CANCEL_ALL], source="I02", stimulus=True)
async def cancelling_everything_hides_no_fill(adapter: Adapter, world: World) -> None:
    """An order that filled just before everything was cancelled is never reported as cancelled."""
    orders = [await rest(adapter, world, ticks_away=200 + 20 * n) for n in range(3)]
    await settle(adapter, world)
    late = everywhere(lambda topic: world.faults.delay_push(topic, _LATE_MS, times=20))
    hit(world, Side.BUY)
    accepted(await adapter.cancel_all(world.symbol), "cancelling everything in one symbol")
    await world.until(lambda: any(plan.delivered for plan in late), what="the venue tells the fill")
    await settle(adapter, world)
    story = [row.status for row in adapter.updates() if row.client_id == orders[0].client_id]
    check(
        Status.CANCELLED not in story,
        "no cancellation is published for an order that was filled",
        observed=story,
    )
    equal(
        [status(adapter, order.client_id) for order in orders],
        [Status.FILLED, Status.CANCELLED, Status.CANCELLED],
        "each order ends as the venue says",
    )


@case(
    "CAN-14",
    level=2,
    needs=[*_NEEDS, Capability.RECONCILE],
    source="hummingbot/hummingbot#1042, purefinance/mmb#133",
    stimulus=True,
)
@for_each(news=["at-once", "late"])
async def a_cancel_before_the_answer_is_no_illusion(
    adapter: Adapter, world: World, news: str
) -> None:
    """An order cancelled before its own answer has come is gone, or is not believed to be."""
    world.faults.delay_answer(Operation.PLACE, _LATE_MS, times=1)
    if news == "late":
        everywhere(lambda topic: world.faults.delay_push(topic, _LATE_MS, times=20))
    request = order_of(world, Side.BUY)
    client_id = request.client_id or ""
    placing = asyncio.ensure_future(adapter.place(request))
    await world.until(lambda: world.truth.order(client_id), what="the order reaches the venue")
    outcome = await outcome_of(world, adapter.cancel(world.symbol, client_id=client_id))
    if isinstance(outcome, Accepted) and outcome.value.status is Status.CANCELLED:
        equal(
            [order.client_id for order in world.truth.open_orders()],
            [],
            "an order reported as cancelled does not rest any more",
        )
    for _ in range(50):
        equal(buried(adapter, world), [], _UNBURIED)
        await world.quiet(100)
    await placing
    if world.truth.open_orders():
        again = await adapter.cancel(world.symbol, client_id=client_id)
        accepted(again, "a cancel repeated once the order was answered")
    await settle(adapter, world, within_ms=120_000)
    check(
        status(adapter, client_id) is Status.CANCELLED,
        "the order ends as cancelled",
        expected=Status.CANCELLED,
        observed=status(adapter, client_id),
    )
