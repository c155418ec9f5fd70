"""Claims about many connections, many reconnects, and what they leave behind."""

from __future__ import annotations

from conformance.cases import accepted, case, check
from conformance.cases.scale import scaled
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import Side
from conformance.model.outcomes import Accepted
from conformance.suites.staging import rest
from conformance.suites.stress.census import Census, census
from conformance.suites.witness import book_settles, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]
_SIBLINGS = 3
_SILENT_MS_MAX = 120_000
"""Within this a dead connection must have been noticed and replaced: notice 60 s, recover 60 s."""
_ATTEMPTS_MAX = 4
"""Connections that one lost connection may cost."""
_ROUNDS, _WARM = 16, 8
_BLOCKS_MAX, _RECORD_BLOCKS = 2_000, 12
"""Small blocks of memory that one round may cost for good, and besides each of its messages, of
which the world keeps a record."""
_HOURS_MS = 3_600_000
_CHANGES, _APART_MS = 100, 250
"""Changes of each book in ten minutes, too far apart to be gathered into one message."""


@case("STR-04", level=5, needs=_NEEDS, source="I28", stimulus=True)
async def many_dead_sockets_come_back_without_a_storm(adapter: Adapter, world: World) -> None:
    """When all sockets of several clients go silent, all are back in time, without a storm."""
    clients = [adapter, *[await world.sibling() for _ in range(scaled(_SIBLINGS))]]
    for client in clients:
        await client.watch_book(world.symbol)
    await world.until(
        lambda: all(client.book(world.symbol).valid for client in clients),
        within_ms=30_000,
        what="all clients have their books",
    )
    before = len(world.wire.streams())
    dead = {each.stream for each in world.wire.streams(open_only=True)}
    world.faults.silence_streams()
    await world.until(
        lambda: len(_alive(world, dead)) >= len(dead),
        within_ms=_SILENT_MS_MAX,
        what="all connections that went silent are replaced",
    )
    attempts = len(world.wire.streams()) - before
    check(
        attempts <= _ATTEMPTS_MAX * len(dead),
        "connections are replaced without a storm",
        expected=f"at most {_ATTEMPTS_MAX * len(dead)} connections",
        observed=attempts,
    )
    world.market.rest(Side.SELL, world.price(60, Side.SELL), world.quantity(2))
    await book_settles(adapter, world)
    await settle(adapter, world)


def _alive(world: World, dead: set[int]) -> list[int]:
    return [s.stream for s in world.wire.streams(open_only=True) if s.stream not in dead]


@case("STR-05", level=5, needs=_NEEDS, source="I27", stimulus=True)
async def reconnects_leave_nothing_behind(adapter: Adapter, world: World) -> None:
    """However often it reconnects and trades, sockets, tasks, futures and memory do not grow."""
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    rounds = scaled(_ROUNDS)
    for _ in range(_WARM):
        await _reconnect(adapter, world)
    before, mark = census(), world.wire.mark()
    for _ in range(rounds):
        await _reconnect(adapter, world)
    _no_growth(before, census(), rounds, world.wire.mark() - mark)


@case("STR-06", level=5, needs=_NEEDS, source="I27")
async def watching_for_long_leaves_nothing_behind(adapter: Adapter, world: World) -> None:
    """Books of several symbols, watched for an hour, leave no futures, tasks or sockets behind."""
    for symbol in world.symbols[:3]:
        await adapter.watch_book(symbol)
    turns = scaled(6)
    before, mark = Census(0, 0, 0, 0, 0), 0
    for turn in range(turns + 2):
        if turn == 2:
            before, mark = census(), world.wire.mark()
        await _change_often(world)
        order = await rest(adapter, world)
        accepted(await adapter.cancel(world.symbol, client_id=order.client_id), "a cancel")
        await world.quiet(_HOURS_MS // 6)
    _no_growth(before, census(), turns, world.wire.mark() - mark)
    await book_settles(adapter, world)


async def _change_often(world: World) -> None:
    """Let so many changes of the books be told that whoever keeps them all is seen to grow."""
    for step in range(_CHANGES):
        for number, symbol in enumerate(world.symbols[:3]):
            price = world.price(40 + step % 10 + number, Side.SELL, symbol)
            world.market.rest(Side.SELL, price, world.quantity(step % 3, symbol), symbol)
        await world.quiet(_APART_MS)
    for symbol in world.symbols[:3]:
        world.market.clear(symbol)


async def _reconnect(adapter: Adapter, world: World) -> None:
    """Cut every stream, wait until all are back, and trade once."""
    open_before = len(world.wire.streams(open_only=True))
    world.faults.close_streams(1006)
    await world.until(
        lambda: len(world.wire.streams(open_only=True)) < open_before, what="streams are cut"
    )
    await world.until(
        lambda: len(world.wire.streams(open_only=True)) >= open_before,
        within_ms=60_000,
        what="all streams that were cut are open again within a minute",
    )
    request = world.request()
    if isinstance(await adapter.place(request), Accepted):
        await adapter.cancel(request.symbol, client_id=request.client_id or "")
    await book_settles(adapter, world, within_ms=60_000)
    await world.quiet(10_000)


def _no_growth(before: Census, after: Census, rounds: int, records: int) -> None:
    """Judge that nothing was left behind, half a thing a round being noise.

    ``records``: how many messages the world has kept meanwhile.
    """
    for name in ("descriptors", "threads", "tasks", "futures"):
        grown = getattr(after, name) - getattr(before, name)
        check(
            grown < max(2, rounds / 2),
            f"{name} do not grow",
            expected=f"{getattr(before, name)}, as {rounds} rounds before",
            observed=getattr(after, name),
        )
    grown = (after.blocks - before.blocks) // rounds
    bound = _BLOCKS_MAX + _RECORD_BLOCKS * records // rounds
    check(
        grown <= bound,
        "memory does not grow beyond what the world itself keeps",
        expected=f"at most {bound} blocks a round",
        observed=f"{grown} blocks a round",
    )
