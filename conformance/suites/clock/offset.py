"""Claims about measuring and correcting the offset to the venue's time."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, NotSent, Rejected
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import in_time
from conformance.suites.witness import sent

_NEEDS = [Capability.PLACE, Capability.CLOCK_SYNC]
_OFF_BY_MS_MAX = 500


def _in_step(adapter: Adapter, world: World) -> None:
    off = adapter.now_ms() - world.now()
    check(
        abs(off) < _OFF_BY_MS_MAX,
        "the adapter's estimate of the venue's time is right",
        expected=f"less than {_OFF_BY_MS_MAX} ms off",
        observed=f"{off} ms off",
    )


@case(
    "CLK-01",
    level=1,
    needs=[*_NEEDS, Capability.QUERY],
    source="I08",
    started=False,
    stimulus=True,
)
@for_each(venue_ahead_ms=[-30_000, -800, 800, 30_000])
async def an_offset_is_corrected_in_both_directions(
    adapter: Adapter, world: World, venue_ahead_ms: int
) -> None:
    """With a local clock that is off in either direction every signed call is accepted."""
    world.faults.step_clock(venue_ahead_ms)
    await adapter.start()
    _in_step(adapter, world)
    for _ in range(50):
        accepted(await adapter.open_orders(world.symbol), "a signed call with a corrected time")
    accepted(await adapter.place(world.request()), "an order with a corrected time")
    refused = [call.reading.code for call in world.wire.calls() if call.reading.code]
    equal(refused, [], "no signed call is refused once the offset is known")


@case("CLK-02", level=2, needs=_NEEDS, source="I08", stimulus=True)
@for_each(venue_ahead_ms=[-1_500, 70_000])
async def a_time_refusal_is_answered_by_one_resync(
    adapter: Adapter, world: World, venue_ahead_ms: int
) -> None:
    """An order refused for time is sent once more after measuring the clock again."""
    since = world.wire.mark()
    world.faults.step_clock(venue_ahead_ms)
    request = world.request()
    accepted(await adapter.place(request), "an order after one resynchronisation")
    tries = sent(world, request.client_id or "", since=since)
    check(
        len(tries) <= 2,
        "an order refused for time is retried exactly once",
        expected="at most 2 requests",
        observed=len(tries),
    )
    if len(tries) == 2:
        measured = [
            call
            for call in world.wire.calls(Operation.TIME, since=since)
            if tries[0].number < call.number < tries[1].number
        ]
        check(
            measured,
            "the clock is measured again before an order refused for time is retried",
            expected="a question for the venue's time between the two requests",
            observed="none",
        )
    _in_step(adapter, world)
    equal(len(world.truth.orders()), 1, "a retry after a time refusal leaves one order")


@case("CLK-03", level=3, needs=[Capability.CLOCK_SYNC], source="I08", stimulus=True)
async def a_slow_answer_does_not_bend_the_clock(adapter: Adapter, world: World) -> None:
    """A time answer that was under way for seconds in one direction is not believed."""
    slow = world.faults.delay_answer(Operation.TIME, 3_000, times=1)
    await in_time(
        world,
        lambda: slow.delivered,
        within_ms=4 * 3_600_000,
        what="the clock is measured again within four hours",
    )
    for _ in range(10):
        await world.quiet(1_000)
        _in_step(adapter, world)


@case("CLK-05", level=2, needs=_NEEDS, source="I08", stimulus=True)
async def a_request_that_arrives_late_is_not_doubled(adapter: Adapter, world: World) -> None:
    """An order that arrives after its receive window is re-signed at most once, never doubled."""
    accepted(await adapter.place(world.request()), "a legal resting limit order")
    windows = [call.reading.window_ms for call in world.wire.calls(Operation.PLACE)]
    late_ms = (windows[-1] or 5_000) + 1_500
    world.faults.delay_request(Operation.PLACE, late_ms, times=1)
    request = world.request()
    outcome = await adapter.place(request)
    await world.quiet(2 * late_ms)
    tries = sent(world, request.client_id or "")
    stamps = [call.reading.timestamp_ms for call in tries]
    check(
        len(tries) <= 2,
        "an order that arrived too late is sent again at most once",
        expected="at most 2 requests",
        observed=len(tries),
    )
    check(
        len(set(stamps)) == len(stamps),
        "an order that is sent again carries a new timestamp",
        expected="different timestamps",
        observed=stamps,
    )
    check(
        not isinstance(outcome, Rejected) or outcome.category is Category.CLOCK,
        "an order that arrived too late is refused for time",
        expected="accepted on the second try, or Rejected(clock)",
        observed=outcome,
    )
    orders = [o for o in world.truth.orders() if o.client_id == request.client_id]
    check(
        len(orders) <= 1,
        "an order that is sent again exists at most once",
        observed=orders,
    )
    if isinstance(outcome, Accepted):
        check(orders, "an accepted order exists at the venue", observed=orders)
    if isinstance(outcome, Rejected):
        equal(orders, [], "an order that was refused for time does not exist at the venue")


@case("CLK-06", level=3, needs=_NEEDS, source="NT", started=False, stimulus=True)
async def without_the_venues_time_nothing_is_sent_blindly(adapter: Adapter, world: World) -> None:
    """Without the venue's time at the start the adapter fails or says that it is not ready."""
    world.faults.answer(Operation.TIME, Condition.INTERNAL_ERROR, times=1_000)
    try:
        await adapter.start()
    except AdapterError:
        equal(len(world.wire.calls(Operation.PLACE)), 0, "a start that fails sends no order")
        return
    outcome = await adapter.place(world.request())
    check(
        adapter.health is not Health.READY or isinstance(outcome, NotSent),
        "an adapter that does not know the venue's time does not trade as if it did",
        expected="a failed start, a state other than ready, or an order that is not sent",
        observed=(adapter.health, outcome),
    )
