"""Claims about the venue's orders to be silent."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.orders import Status
from conformance.model.outcomes import Accepted
from conformance.model.wire import Condition, Operation, WireReply
from conformance.suites.staging import rest
from conformance.suites.witness import status

_NEEDS = [Capability.PLACE, Capability.QUERY, Capability.RATE_LIMITER]
_BAN_MS_MAX = 720_000
"""A venue that does not say how long a ban lasts may ask for ten minutes of patience."""
_PRESSED_MS = 30_000
_ASKED_MAX = 15
"""How many questions may be refused for speed in that time: less than one every two seconds."""
_PAUSE_MS_MAX = 120_000


async def _press(adapter: Adapter, world: World) -> None:
    """Do what a strategy does that does not care: keep asking and ordering."""
    for _ in range(5):
        with suppress(AdapterError):
            await adapter.open_orders(world.symbol)
            await adapter.place(world.request())
        await world.quiet(500)


async def _struck(world: World, since: int) -> tuple[int, int]:
    """Wait until a question was refused; return the wire's mark and the instant of it."""
    await world.until(
        lambda: (
            (asked := world.wire.calls(Operation.OPEN_ORDERS, since=since)) and asked[-1].replied_ms
        ),
        what="a question for the resting orders is sent",
    )
    replied_ms = world.wire.calls(Operation.OPEN_ORDERS, since=since)[-1].replied_ms
    return world.wire.mark(), replied_ms or world.now()


def _kept_silent(
    world: World, since: int, from_ms: int, for_ms: int, *operations: Operation
) -> None:
    """Raise Finding when a request (of these operations, or any) came before its time."""
    early = [
        f"{call.reading.operation} after {call.received_ms - from_ms} ms"
        for call in world.wire.calls(*operations, since=since)
        if call.received_ms < from_ms + for_ms
    ]
    equal(early, [], f"no request is sent within the {for_ms} ms of silence that were asked for")


@case("RTL-02", level=1, needs=_NEEDS, source="I13", stimulus=True)
@for_each(retry_after_ms=[3_000, 45_000])
async def a_throttled_client_waits_as_told(
    adapter: Adapter, world: World, retry_after_ms: int
) -> None:
    """After a refusal for speed nothing of its kind is sent for the stated time, then again.

    What else must wait depends on what the venue's limits are for: that is MON-26's to judge.
    """
    await world.quiet(1_000)
    world.faults.answer(
        Operation.OPEN_ORDERS, Condition.THROTTLED, times=1, retry_after_ms=retry_after_ms
    )
    before = world.wire.mark()
    first = asyncio.ensure_future(adapter.open_orders(world.symbol))
    since, from_ms = await _struck(world, before)
    pressing = asyncio.ensure_future(_press(adapter, world))
    await world.quiet(retry_after_ms + 30_000)
    await asyncio.gather(first, pressing, return_exceptions=True)
    _kept_silent(world, since, from_ms, retry_after_ms, Operation.OPEN_ORDERS)
    accepted(await adapter.open_orders(world.symbol), "a question after the silence")
    accepted(await adapter.place(world.request()), "an order after the silence")


@case("RTL-03", level=1, needs=[*_NEEDS, Capability.USER_STREAM], source="I13", stimulus=True)
async def a_ban_is_sat_out(adapter: Adapter, world: World) -> None:
    """During a ban nothing is sent, the ban shows, and resting orders are not believed dead."""
    order = await rest(adapter, world)
    await world.quiet(1_000)
    ban_ms = 150_000
    world.faults.answer(Operation.OPEN_ORDERS, Condition.BANNED, times=1, retry_after_ms=ban_ms)
    before = world.wire.mark()
    asking = asyncio.ensure_future(adapter.open_orders(world.symbol))
    since, from_ms = await _struck(world, before)
    pressing = asyncio.ensure_future(_press(adapter, world))
    await world.quiet(20_000)
    check(
        adapter.health is not Health.READY,
        "a banned adapter does not call itself ready",
        expected="degraded or halted",
        observed=adapter.health,
    )
    equal(
        status(adapter, order.client_id),
        Status.OPEN,
        "a ban does not cancel what rests at the venue",
    )
    # Whoever is cut off during a ban must not break it to get back.
    world.faults.close_streams(1006, private=True)
    await world.quiet(ban_ms)
    await asyncio.gather(asking, pressing, return_exceptions=True)
    _kept_silent(world, since, from_ms, ban_ms)
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=_BAN_MS_MAX,
        what="after a ban the adapter becomes ready again",
    )
    outcome = await adapter.place(world.request())
    check(isinstance(outcome, Accepted), "trading resumes after a ban", observed=outcome)


@case("RTL-09", level=3, needs=_NEEDS, source="I13", stimulus=True)
async def a_refusal_without_a_length_is_a_pause_all_the_same(
    adapter: Adapter, world: World
) -> None:
    """Refused for speed without a word on how long, the adapter pauses all the same."""
    bare = await _without_a_length(adapter, world)
    refusing = world.faults.answer_with(Operation.OPEN_ORDERS, bare, times=1_000)
    since, end_ms = world.wire.mark(), world.now() + _PRESSED_MS
    while world.now() < end_ms:
        with suppress(AdapterError):
            await adapter.open_orders(world.symbol)
        await world.quiet(250)
    asked = len(world.wire.calls(Operation.OPEN_ORDERS, since=since))
    check(
        asked <= _ASKED_MAX,
        "after a refusal for speed that states no pause there is a pause of one's own",
        expected=f"at most {_ASKED_MAX} questions in {_PRESSED_MS} ms",
        observed=asked,
    )
    refusing.withdraw()
    await world.quiet(_PAUSE_MS_MAX)
    accepted(await adapter.open_orders(world.symbol), "a question after the pauses")


async def _without_a_length(adapter: Adapter, world: World) -> WireReply:
    """Return the venue's refusal for speed, without the fields that say how long."""
    since = world.wire.mark()
    world.faults.answer(Operation.OPEN_ORDERS, Condition.THROTTLED, times=1, retry_after_ms=1_000)
    asking = asyncio.ensure_future(adapter.open_orders(world.symbol))
    await _struck(world, since)
    reply = world.wire.calls(Operation.OPEN_ORDERS, since=since)[0].reply
    assert reply is not None
    await world.quiet(30_000)
    await asyncio.gather(asking, return_exceptions=True)
    return reply._replace(headers=())
