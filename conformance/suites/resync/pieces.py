"""Claims about messages that arrive in pieces, or many at a time."""

from __future__ import annotations

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side
from conformance.model.wire import Operation, Topic
from conformance.suites.staging import everywhere, hit, rest
from conformance.suites.witness import book_settles, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]


async def _undoubted(adapter: Adapter, world: World) -> None:
    """Judge that the adapter trusts what it hears while pieces arrive."""
    for _ in range(10):
        await world.quiet(60)
        check(
            adapter.health is Health.READY,
            "whole messages that came in pieces give no reason to doubt",
            expected="an adapter that says it is ready",
            observed=adapter.health,
        )


@case("RSY-16", level=3, needs=_NEEDS, source="AB 9.x, TX slicer", stimulus=True)
@for_each(form=["sliced", "fragmented", "bursts"])
async def pieces_make_the_same_messages(adapter: Adapter, world: World, form: str) -> None:
    """However bytes are cut or bundled on their way, the same events arrive in the same order."""
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    order = await rest(adapter, world, multiple=6)
    streams = len(world.wire.streams())
    if form == "sliced":
        world.faults.slow_streams(7, 2)
        world.faults.slice_answer(Operation.PLACE, 11, 3)
    elif form == "fragmented":
        world.faults.fragment_push(Topic.BOOK, 9, times=4)
        everywhere(lambda topic: world.faults.fragment_push(topic, 9, times=4))
    else:
        everywhere(lambda topic: world.faults.burst_pushes(topic, 3))
        world.faults.burst_pushes(Topic.BOOK, 4)
    for ticks in range(60, 68):
        world.market.rest(Side.SELL, world.price(ticks, Side.SELL), world.quantity(2))
        await _undoubted(adapter, world)
    for _ in range(6):
        hit(world, Side.BUY)
        await _undoubted(adapter, world)
    accepted(await adapter.place(world.request()), "an order whose answer comes in pieces")
    await settle(adapter, world, within_ms=5_000)
    await book_settles(adapter, world)
    filled = [o.filled for o in adapter.updates() if o.client_id == order.client_id]
    equal(filled, sorted(filled), "events of one order arrive in the order in which they happened")
    equal(len(world.wire.streams()), streams, "no stream is lost because bytes came in pieces")
