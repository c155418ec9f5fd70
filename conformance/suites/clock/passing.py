"""Claims about clocks that step, stand still and drift while the adapter runs."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side
from conformance.model.wire import Condition, Operation
from conformance.suites.staging import hit, rest
from conformance.suites.witness import settle

_HOUR_MS = 3_600_000
_NEEDS = [Capability.PLACE, Capability.QUERY, Capability.USER_STREAM, Capability.CLOCK_SYNC]
_CALLS_A_MINUTE_MAX = 60


def _time_refusals(world: World, since: int = 0) -> list[str]:
    words = {row.code for row in world.errors if row.category == "clock"}
    return [c.reading.code for c in world.wire.calls(since=since) if c.reading.code in words]


@case("CLK-04", level=3, needs=_NEEDS, source="TB", stimulus=True)
@for_each(step_ms=[-_HOUR_MS, _HOUR_MS])
async def a_step_of_the_wall_clock_changes_nothing(
    adapter: Adapter, world: World, step_ms: int
) -> None:
    """When the wall clock steps by an hour, timestamps, keep-alives and time-outs stay right."""
    order = await rest(adapter, world, multiple=2)
    since = world.wire.mark()
    world.faults.step_wall_clock(step_ms)
    accepted(await adapter.open_orders(world.symbol), "a signed call after a step of the clock")
    await world.quiet(60_000)
    calls = len(world.wire.calls(since=since))
    check(
        calls <= _CALLS_A_MINUTE_MAX,
        "a step of the clock sets off no storm of requests",
        expected=f"at most {_CALLS_A_MINUTE_MAX} in the minute after it",
        observed=calls,
    )
    hit(world, Side.BUY)
    await settle(adapter, world)
    await world.quiet(70 * 60_000)
    equal(_time_refusals(world, since), [], "no call is refused for time after a step of the clock")
    check(
        not world.wire.calls(Operation.STREAM_KEY_CREATE)
        or world.wire.calls(Operation.STREAM_KEY_EXTEND, Operation.STREAM_KEY_CREATE, since=since),
        "after a step of the clock the stream's key is kept alive in time",
        expected="a request within 70 minutes",
        observed="none",
    )
    hit(world, Side.BUY)
    await settle(adapter, world, within_ms=1_000)
    check(order.client_id, "the order is still known")


@case("CLK-07", level=3, needs=_NEEDS, source="TB", stimulus=True)
async def a_suspended_process_finds_its_way_back(adapter: Adapter, world: World) -> None:
    """After 90 s of suspension dead streams are replaced, and the state is true in a minute."""
    await rest(adapter, world, multiple=3)
    streams = len(world.wire.streams(private=True))
    world.faults.silence_streams()
    hit(world, Side.BUY)
    world.faults.suspend(90_000)
    await world.until(
        lambda: len(world.wire.streams(private=True)) > streams,
        within_ms=60_000,
        what="a private stream that died in a suspension is replaced within a minute",
    )
    await settle(adapter, world, within_ms=60_000)
    accepted(await adapter.place(world.request()), "an order after a suspension")
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=60_000,
        what="after a suspension the adapter is ready again within a minute",
    )


@case("CLK-08", level=5, needs=_NEEDS, source="I08", stimulus=True)
@for_each(ppm=[-50, 50])
async def a_drifting_clock_is_followed_all_day(adapter: Adapter, world: World, ppm: int) -> None:
    """While clocks drift apart by 50 millionths for a day, no signed call is refused for time.

    Some questions for the time fail at first: whoever then never asks again drifts away.
    """
    world.faults.drift_clock(ppm)
    world.faults.answer(Operation.TIME, Condition.INTERNAL_ERROR, times=12).optional()
    for _ in range(24 * 12):
        accepted(await adapter.open_orders(world.symbol), "a signed call while clocks drift apart")
        await world.quiet(_HOUR_MS // 12)
    equal(_time_refusals(world), [], "no call is refused for time while clocks drift apart")
