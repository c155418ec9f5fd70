"""Claims about the state after a gap."""

from __future__ import annotations

import asyncio

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side, Status
from conformance.model.wire import Operation
from conformance.suites.staging import CROSSING_TICKS, hit, hold, order_of, quote, rest
from conformance.suites.witness import (
    executions,
    known,
    legs,
    never_rejected,
    not_denied,
    one_intent,
    settle,
    status,
)

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_ANSWERS = (
    Operation.OPEN_ORDERS,
    Operation.QUERY_ORDER,
    Operation.FILL_HISTORY,
    Operation.ORDER_HISTORY,
    Operation.POSITIONS,
    Operation.ACCOUNT,
)


@case("RSY-08", level=2, needs=_NEEDS, source="NT E84-87, I38", stimulus=True)
@for_each(outage_ms=[1_000, 60_000, 600_000])
async def what_happened_in_a_gap_is_learned(adapter: Adapter, world: World, outage_ms: int) -> None:
    """Fills, cancels and expiries during an outage are known after it, exactly."""
    await hold(adapter, world, Side.BUY, 2)
    filled = await rest(adapter, world, side=Side.SELL, multiple=2, ticks_away=5)
    partly = await rest(adapter, world, side=Side.SELL, multiple=5, ticks_away=30)
    cancelled = await rest(adapter, world, ticks_away=220)
    untouched = await rest(adapter, world, ticks_away=240)
    refused = world.faults.refuse_connections(times=100_000)
    world.faults.close_streams(1006)
    await world.quiet(outage_ms // 2)
    hit(world, Side.SELL, 3)
    world.market.cancel(cancelled.client_id)
    hit(world, Side.SELL, 1)
    await world.quiet(outage_ms // 2)
    refused.withdraw()
    await settle(adapter, world, within_ms=180_000)
    equal(
        [status(adapter, order.client_id) for order in (filled, partly, cancelled, untouched)],
        [Status.FILLED, Status.PARTIALLY_FILLED, Status.CANCELLED, Status.OPEN],
        "every order is known as what the gap made of it",
    )
    hit(world, Side.SELL, 3)
    await settle(adapter, world)


@case("RSY-09", level=2, needs=_NEEDS, source="NT PR#4991", stimulus=True)
@for_each(answers_late_ms=[300, 2_500])
async def recovery_and_live_events_do_not_disturb_each_other(
    adapter: Adapter, world: World, answers_late_ms: int
) -> None:
    """Fills that arrive live while the gap is being recovered are counted once and kept."""
    order = await rest(adapter, world, multiple=8)
    for operation in _ANSWERS:
        world.faults.delay_answer(operation, answers_late_ms, times=30).optional()
    world.faults.close_streams(1006)
    hit(world, Side.BUY)
    await world.until(
        lambda: world.wire.streams(private=True, open_only=True),
        within_ms=60_000,
        what="a cut private stream is open again within a minute",
    )
    for _ in range(6):
        await world.quiet(200)
        hit(world, Side.BUY)
    await settle(adapter, world, within_ms=60_000)
    await world.quiet(30_000)
    equal(
        executions(adapter.fills()),
        executions(world.truth.fills()),
        "recovery and live events together count every fill exactly once",
    )
    filled = [o.filled for o in adapter.updates() if o.client_id == order.client_id]
    check(
        filled == sorted(filled),
        "an older answer never takes back what a live event told",
        expected="a filled quantity that only grows",
        observed=filled,
    )
    await settle(adapter, world)


@case("RSY-20", level=2, needs=_NEEDS, source="NT PR#4991", started=False, stimulus=True)
async def what_happens_during_a_start_is_known_after_it(adapter: Adapter, world: World) -> None:
    """An order that trades while an adapter starts, and its leg, are true once it has started."""
    order = world.market.foreign(order_of(world, Side.BUY, 100))
    for operation in _ANSWERS:
        world.faults.delay_answer(operation, 1_000, times=30).optional()
    starting = asyncio.ensure_future(adapter.start())
    await world.until(
        lambda: starting.done() or world.wire.calls(*_ANSWERS),
        within_ms=30_000,
        what="the account is read at the start",
    )
    while not starting.done():
        hit(world, Side.BUY)
        await world.quiet(150)
    starting.result()

    def true() -> bool:
        word, truth = known(adapter, order.client_id), world.truth.order(order.client_id)
        return (
            word is not None
            and truth is not None
            and word.filled == truth.filled
            and legs(adapter.held()) == legs(world.truth.positions())
        )

    await world.until(
        true,
        within_ms=5_000,
        what="what happened while the account was read is known 5 s after the start",
    )


@case("RSY-14", level=3, needs=_NEEDS, source="NT", stimulus=True)
@for_each(executed=["executed", "lost"])
async def an_order_in_the_moment_of_the_cut_is_unknown(
    adapter: Adapter, world: World, executed: str
) -> None:
    """An order sent in the millisecond of the disconnect is unknown, then resolved."""
    quote(world, Side.BUY)
    request = order_of(world, Side.BUY, 2, ticks_away=CROSSING_TICKS)
    client_id = request.client_id or ""
    world.faults.lose_answer(Operation.PLACE, executed=executed == "executed", times=1)
    placing = asyncio.ensure_future(adapter.place(request))
    await world.until(
        lambda: world.wire.calls(Operation.PLACE), what="an order is sent to the venue"
    )
    world.faults.close_streams(1006)
    outcome = await placing
    if executed == "executed":
        not_denied(outcome, "a cut in the moment of sending")
    await settle(adapter, world, within_ms=180_000)
    if executed == "executed":
        never_rejected(adapter, client_id)
    one_intent(world, client_id)
