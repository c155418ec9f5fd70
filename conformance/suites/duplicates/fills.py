"""Claims about executions that are told more than once."""

from __future__ import annotations

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import WorldError
from conformance.model.capabilities import Capability, Way
from conformance.model.orders import Side, Status
from conformance.suites.staging import everywhere, hit, rest
from conformance.suites.witness import executions, legs, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_HOUR_MS = 3_600_000


def _counted_once(adapter: Adapter, world: World) -> None:
    equal(
        executions(adapter.fills()),
        executions(world.truth.fills()),
        "every execution is counted exactly once",
    )
    equal(
        legs(adapter.held()),
        legs(world.truth.positions()),
        "a repeated execution does not change the position",
    )


@case("DUP-01", level=1, needs=_NEEDS, source="I21", stimulus=True)
@for_each(again=["at-once", "after-an-hour"])
async def a_repeated_fill_is_counted_once(adapter: Adapter, world: World, again: str) -> None:
    """A fill that the stream tells twice, at once or an hour later, is counted once."""
    order = await rest(adapter, world, multiple=3)
    if again == "at-once":
        await world.quiet(1_000)
        everywhere(lambda topic: world.faults.duplicate_push(topic, times=4))
    hit(world, Side.BUY)
    await settle(adapter, world)
    if again == "after-an-hour":
        await world.quiet(_HOUR_MS)
        everywhere(lambda topic: world.faults.replay_pushes(topic, 1))
    await world.quiet(5_000)
    _counted_once(adapter, world)
    equal(
        status(adapter, order.client_id),
        Status.PARTIALLY_FILLED,
        "a repeated fill does not complete an order",
    )
    hit(world, Side.BUY, 2)
    await settle(adapter, world)
    _counted_once(adapter, world)
    equal(status(adapter, order.client_id), Status.FILLED, "real fills complete it")


@case("DUP-02", level=1, needs=_NEEDS, source="NT BoundedDedup", stimulus=True)
async def stream_and_answer_tell_of_one_fill(adapter: Adapter, world: World) -> None:
    """A fill told by the stream and again by a question after a reconnect is counted once."""
    order = await rest(adapter, world, multiple=4)
    hit(world, Side.BUY)
    await settle(adapter, world)
    for _ in range(2):
        world.faults.close_streams(1006)
        hit(world, Side.BUY)
        await world.until(
            lambda: world.wire.streams(private=True, open_only=True),
            within_ms=60_000,
            what="a cut private stream is open again within a minute",
        )
        await settle(adapter, world, within_ms=60_000)
        await world.quiet(30_000)
        _counted_once(adapter, world)
    check(status(adapter, order.client_id), "the order is still known")


@case("DUP-03", level=2, needs=_NEEDS, ways=[Way.TRADES_PER_SYMBOL], source="NT")
async def equal_trade_ids_on_two_symbols_are_two_fills(adapter: Adapter, world: World) -> None:
    """Executions of two symbols that happen to have the same id are both counted."""
    for symbol in world.symbols[:2]:
        await rest(adapter, world, symbol=symbol, multiple=30)
    ids: dict[str, set[str]] = {symbol: set() for symbol in world.symbols[:2]}
    for _ in range(30):
        for symbol in ids:
            hit(world, Side.BUY, symbol=symbol)
    for fill in world.truth.fills():
        ids[fill.symbol].add(fill.trade_id)
    if not set.intersection(*ids.values()):
        raise WorldError("the venue gave no two executions of two symbols the same id")
    await settle(adapter, world)
    _counted_once(adapter, world)


@case("DUP-06", level=2, needs=_NEEDS, source="I23", stimulus=True)
async def a_restart_does_not_count_again(adapter: Adapter, world: World) -> None:
    """After a restart, old fills told again do not change the adopted position."""
    order = await rest(adapter, world, multiple=5)
    hit(world, Side.BUY, 2)
    await settle(adapter, world)
    heir = await world.restart(adapter)
    await world.until(
        lambda: legs(heir.held()) == legs(world.truth.positions()),
        within_ms=30_000,
        what="after a restart the position is adopted",
    )
    everywhere(lambda topic: world.faults.replay_pushes(topic, 3))
    await world.quiet(10_000)
    equal(
        legs(heir.held()),
        legs(world.truth.positions()),
        "old fills told again after a restart do not change the position",
    )
    rows = executions(heir.fills())
    equal(len(rows), len(set(rows)), "no execution is counted twice after a restart")
    hit(world, Side.BUY)
    await world.until(
        lambda: legs(heir.held()) == legs(world.truth.positions()),
        what="after a restart the next fill is counted once",
    )
    await world.quiet(30_000)
    rows = executions(heir.fills())
    equal(len(rows), len(set(rows)), "no execution is counted twice after a restart")
    word = next((o for o in heir.orders() if o.client_id == order.client_id), None)
    equal(
        word.filled if word else None,
        world.quantity() * 3,
        "an adopted order has the venue's filled quantity",
    )
