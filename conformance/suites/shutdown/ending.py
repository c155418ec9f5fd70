"""Claims about what is left when an adapter has stopped."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.wire import Operation
from conformance.suites.staging import rest
from conformance.suites.stress.census import Census, census
from conformance.suites.witness import book_settles

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]
_AFTERWARDS_MS = 40 * 60_000
"""Longer than any heartbeat, poll or upkeep takes to come round again."""
_END_MS_MAX = 60_000
_DESCRIPTORS_MAX = 2
"""What the process itself may have opened meanwhile."""


@case("KIL-08", level=2, needs=_NEEDS, source="CX close tests, B132", started=False, stimulus=True)
@for_each(moment=["asking", "half-open", "reconnecting", "running", "starting", "twice"])
async def the_end_leaves_nothing_behind(adapter: Adapter, world: World, moment: str) -> None:
    """Whenever it is stopped, an adapter leaves no stream, request, task or socket behind."""
    before = census()
    under_way = await _begun(adapter, world, moment)
    stopping = asyncio.ensure_future(adapter.stop())
    await world.until(stopping.done, within_ms=_END_MS_MAX, what="a stop comes to its end")
    stopping.result()
    if moment == "twice":
        await adapter.stop()
    if under_way is not None:
        await world.until(
            under_way.done, within_ms=_END_MS_MAX, what="what was under way comes to its end too"
        )
        with suppress(AdapterError, asyncio.CancelledError):
            under_way.result()
    await world.quiet(_END_MS_MAX)
    equal(len(world.wire.streams(open_only=True)), 0, "no stream is open after the end")
    since = world.wire.mark()
    await world.quiet(_AFTERWARDS_MS)
    asked = [str(call.reading.operation) for call in world.wire.calls(since=since)]
    equal(asked, [], "nothing is asked after the end")
    equal(len(world.wire.streams(open_only=True)), 0, "no stream is opened after the end")
    _nothing_left(before, census())


async def _begun(adapter: Adapter, world: World, moment: str) -> asyncio.Future[Any] | None:
    """Bring the adapter to the moment; return what is still under way then."""
    if moment == "starting":
        late = world.faults.delay_answer(Operation.TIME, 2_000, times=10)
        starting = asyncio.ensure_future(adapter.start())
        await world.until(lambda: late.delivered, what="the venue's time is asked for at the start")
        return starting
    await adapter.start()
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    await rest(adapter, world)
    if moment == "asking":
        stalled = world.faults.stall(Operation.PLACE, executed=False)
        asking = asyncio.ensure_future(adapter.place(world.request(ticks_away=300)))
        await world.until(lambda: stalled.delivered, what="an order is sent")
        return asking
    if moment == "half-open":
        world.faults.silence_streams()
    elif moment == "reconnecting":
        world.faults.refuse_connections(times=100_000)
        world.faults.close_streams(1006)
        await world.quiet(10_000)
    else:
        # A stream that was cut has a successor; both must be gone in the end.
        world.faults.close_streams(1006)
        await world.quiet(10_000)
    return None


def _nothing_left(before: Census, after: Census) -> None:
    equal(max(0, after.tasks - before.tasks), 0, "no task is left after the end")
    check(
        after.descriptors - before.descriptors <= _DESCRIPTORS_MAX,
        "no socket is left after the end",
        expected=f"{before.descriptors} descriptors, as before",
        observed=after.descriptors,
    )
