"""Claims about the upkeep and the end of the user stream's session."""

from __future__ import annotations

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Requested
from conformance.contracts.world import World
from conformance.model.capabilities import Capability, Way
from conformance.model.orders import Side, Status
from conformance.model.wire import Condition, Operation, Reading, Topic
from conformance.suites.staging import hit, in_time, rest
from conformance.suites.witness import settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_HOUR_MS = 3_600_000
_STUMBLING_MS = 60_000


@case("RSY-05", level=1, needs=_NEEDS, source="I09")
@for_each(upkeep=["smooth", "stumbles"])
async def the_session_is_kept_alive(adapter: Adapter, world: World, upkeep: str) -> None:
    """After three quiet hours the private stream has never lapsed and tells a fill at once."""
    order = await rest(adapter, world)
    if upkeep == "stumbles":
        world.require(Way.STREAM_KEYS)
        world.faults.answer(
            Operation.STREAM_KEY_EXTEND,
            Condition.INTERNAL_ERROR,
            times=100,
            where=_for_a_while(world),
        )
    await world.quiet(3 * _HOUR_MS)
    lapsed = world.wire.frames(Topic.STREAM_KEY, inbound=False)
    equal(
        [frame.payload[:80] for frame in lapsed],
        [],
        "the session of the private stream is kept alive and never expires",
    )
    hit(world, Side.BUY)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=1_000,
        what="after three hours a fill arrives by stream within a second",
    )
    await settle(adapter, world)


def _for_a_while(world: World) -> Requested:
    """Return what picks requests for a minute from the first of them on."""
    began_ms: list[int] = []

    def picks(_: Reading) -> bool:
        began_ms.append(world.now())
        return world.now() - began_ms[0] < _STUMBLING_MS

    return picks


@case("RSY-06", level=1, needs=_NEEDS, ways=[Way.STREAM_KEYS], source="I09", stimulus=True)
@for_each(trouble=["expired", "upkeep-refused"])
async def a_dead_session_is_replaced(adapter: Adapter, world: World, trouble: str) -> None:
    """A session that expired, or whose upkeep is refused, is replaced and the gap reconciled."""
    order = await rest(adapter, world, multiple=2)
    since = world.wire.mark()
    if trouble == "expired":
        world.faults.expire_stream_key()
        hit(world, Side.BUY)
    else:
        refused = world.faults.answer(
            Operation.STREAM_KEY_EXTEND, Condition.STREAM_KEY_UNKNOWN, times=1
        )
        await in_time(
            world,
            lambda: refused.delivered,
            within_ms=2 * _HOUR_MS,
            what="the session of the private stream is kept alive within its hour",
        )
        world.faults.expire_stream_key()
        hit(world, Side.BUY)
    await world.until(
        lambda: world.wire.calls(Operation.STREAM_KEY_CREATE, since=since),
        within_ms=60_000,
        what="a dead session is replaced by a new one within a minute",
    )
    await settle(adapter, world, within_ms=60_000)
    created = world.wire.calls(Operation.STREAM_KEY_CREATE, since=since)
    check(
        len(created) <= 5,
        "one dead session is not answered by a storm of new ones",
        expected="at most 5",
        observed=len(created),
    )
    await world.quiet(5_000)
    hit(world, Side.BUY)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=1_000,
        what="on the new session a fill arrives by stream within a second",
    )
    await settle(adapter, world)
