"""Claims about lost, silent and short-lived connections."""

from __future__ import annotations

from conformance.cases import case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Order, Side, Status
from conformance.model.wire import Stream
from conformance.suites.staging import hit, hush, lift, rest
from conformance.suites.witness import book_settles, executions, settle, status

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]
_HEARTBEAT_MS_MAX = 300_000
"""No adapter may take longer than this to notice that a connection is dead."""


async def _settled_start(adapter: Adapter, world: World) -> Order:
    await adapter.watch_book(world.symbol)
    world.market.rest(Side.SELL, world.price(60, Side.SELL), world.quantity(2))
    await book_settles(adapter, world)
    return await rest(adapter, world, multiple=3)


def _live(world: World, *, private: bool) -> int:
    return len(world.wire.streams(private=private, open_only=True))


def _opened_since(world: World, known: int, *, private: bool) -> list[Stream]:
    return list(world.wire.streams(private=private))[known:]


async def _streams_live_on(adapter: Adapter, world: World, order: Order) -> None:
    """Judge that a fill comes by stream at once and that the book follows at once."""
    before = len(adapter.fills())
    hit(world, Side.BUY)
    await world.until(
        lambda: len(adapter.fills()) > before,
        within_ms=1_000,
        what="a fill arrives by stream within a second once the connection is back",
    )
    for ticks in (70, 71, 72):
        world.market.rest(Side.SELL, world.price(ticks, Side.SELL), world.quantity(1))
        await book_settles(adapter, world, within_ms=2_000)
    check(status(adapter, order.client_id), "the order is still known")
    await settle(adapter, world)


@case("RSY-01", level=1, needs=_NEEDS, source="NT, CME", stimulus=True)
@for_each(code=[1000, 1001, 1006, 1011, 1012])
async def a_closed_connection_is_reopened(adapter: Adapter, world: World, code: int) -> None:
    """Whatever the close code, streams are reopened, resubscribed and true within 5 s."""
    order = await _settled_start(adapter, world)
    private, public = _live(world, private=True), _live(world, private=False)
    world.faults.close_streams(code)
    await world.until(
        lambda: not _live(world, private=True), what="the venue closes the connections"
    )
    await world.until(
        lambda: _live(world, private=True) >= private and _live(world, private=False) >= public,
        within_ms=5_000,
        what=f"closed streams (code {code}) are open again within 5 s",
    )
    await book_settles(adapter, world, within_ms=5_000)
    await settle(adapter, world)
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=5_000,
        what="after a reconnect the adapter says that it is ready again",
    )
    await _streams_live_on(adapter, world, order)


@case("RSY-02", level=1, needs=_NEEDS, source="I09", stimulus=True)
async def a_half_open_connection_is_noticed(adapter: Adapter, world: World) -> None:
    """A connection that is silent without being closed is noticed and replaced."""
    order = await _settled_start(adapter, world)
    private = len(world.wire.streams(private=True))
    public = len(world.wire.streams(private=False))
    world.faults.silence_streams()
    hit(world, Side.BUY)
    await world.until(
        lambda: (
            _opened_since(world, private, private=True)
            and _opened_since(world, public, private=False)
        ),
        within_ms=_HEARTBEAT_MS_MAX,
        what="half-open streams, private and public, are replaced within five minutes",
    )
    await world.quiet(5_000)
    await settle(adapter, world)
    await book_settles(adapter, world)
    await _streams_live_on(adapter, world, order)


@case("RSY-03", level=1, needs=_NEEDS, source="NT")
async def pings_are_answered(adapter: Adapter, world: World) -> None:
    """Every ping of the venue is answered with its own payload, and no stream is dropped."""
    await _settled_start(adapter, world)
    opened = len(world.wire.streams())
    await world.quiet(16 * 60_000)
    frames = world.wire.frames()
    pings = [frame for frame in frames if not frame.inbound and frame.opcode == "ping"]
    pongs = {
        (frame.stream, frame.payload): frame.at_ms
        for frame in frames
        if frame.inbound and frame.opcode == "pong"
    }
    late = [
        ping
        for ping in pings
        if pongs.get((ping.stream, ping.payload), ping.at_ms + 60_001) > ping.at_ms + 60_000
        and ping.at_ms < world.now() - 60_000
    ]
    equal(late, [], "every ping of the venue is answered with its payload within a minute")
    equal(len(world.wire.streams()), opened, "no stream is lost while nothing happens")


@case("RSY-12", level=3, needs=_NEEDS, source="NT", stimulus=True)
@for_each(every_ms=[50, 200])
async def flapping_leaves_one_connection_each(
    adapter: Adapter, world: World, every_ms: int
) -> None:
    """After five cuts within a second there is one connection of each kind, and no echo."""
    order = await _settled_start(adapter, world)
    private, public = _live(world, private=True), _live(world, private=False)
    for _ in range(5):
        world.faults.close_streams(1006).optional()
        await world.quiet(every_ms)
    await world.until(
        lambda: _live(world, private=True) >= private and _live(world, private=False) >= public,
        within_ms=60_000,
        what="after a storm of cuts the streams are back within a minute",
    )
    await world.quiet(60_000)
    equal(
        (_live(world, private=True), _live(world, private=False)),
        (private, public),
        "after a storm of cuts there are as many connections as before",
    )
    await _streams_live_on(adapter, world, order)


@case("RSY-13", level=3, needs=_NEEDS, source="I28", stimulus=True)
async def refused_connections_are_not_stormed(adapter: Adapter, world: World) -> None:
    """While the venue refuses connections for ten minutes, attempts become rare."""
    order = await _settled_start(adapter, world)
    refused = world.faults.refuse_connections(times=100_000)
    world.faults.close_streams(1006)
    await world.quiet(5 * 60_000)
    early = refused.delivered
    await world.quiet(5 * 60_000)
    late = refused.delivered - early
    check(
        0 < early <= 150,
        "lost connections are tried again, at most 150 times in five minutes",
        expected="1 to 150",
        observed=early,
    )
    check(
        0 < late <= 100,
        "attempts become rare but do not end while the venue refuses",
        expected="1 to 100 in the second five minutes",
        observed=late,
    )
    refused.withdraw()
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=180_000,
        what="once the venue takes connections again the adapter is ready within 3 minutes",
    )
    await _streams_live_on(adapter, world, order)
    equal(
        executions(adapter.fills()),
        executions(world.truth.fills()),
        "every fill is counted once after the storm",
    )


@case("RSY-07", level=2, needs=_NEEDS, source="I09", stimulus=True)
async def a_mute_stream_is_not_trusted(adapter: Adapter, world: World) -> None:
    """Fills on a private stream that stays open but says nothing are noticed by asking."""
    order = await _settled_start(adapter, world)
    muted = hush(world)
    hit(world, Side.BUY, 3)
    await world.until(
        lambda: status(adapter, order.client_id) is Status.FILLED,
        within_ms=_HEARTBEAT_MS_MAX,
        what="a fill that the stream did not tell is noticed within five minutes",
    )
    await settle(adapter, world)
    lift(muted)
