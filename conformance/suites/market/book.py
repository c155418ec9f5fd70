"""Claims about the local book."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import cycle

from conformance.cases import case, check, fail, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability, Way
from conformance.model.orders import Side
from conformance.model.wire import Operation, Topic
from conformance.suites.witness import book_settles, same_book

_NEEDS = [Capability.BOOK]
_SPACED_MS = 1_100
"""Longer than any venue gathers changes before it pushes them."""
_BEGINNINGS_MAX = 60
"""How many questions and messages a minute of lost changes may cost: one a second."""


def _quote(world: World, step: int) -> None:
    """Change the book a little, differently at every step."""
    side = (Side.BUY, Side.SELL)[step % 2]
    price = world.price(20 + (step * 37) % 60, side)
    world.market.rest(side, price, world.quantity((step * 13) % 9))
    if step % 7 == 6:
        world.market.take(side.opposite, world.quantity((step * 5) % 11))


async def _traffic(world: World, steps: int, every_ms: int) -> None:
    for step in range(steps):
        _quote(world, step)
        await world.quiet(every_ms)


def _sane(adapter: Adapter, world: World) -> None:
    """Raise Finding when the local book shows what no exchange can hold."""
    book = adapter.book(world.symbol)
    if not book.valid:
        return
    if book.crossed:
        fail(
            "a valid book is never crossed",
            expected="best bid below best ask",
            observed=f"{book.bids[:1]} against {book.asks[:1]}",
        )
    bids, asks = [p for p, _ in book.bids], [p for p, _ in book.asks]
    if any(quantity <= 0 for _, quantity in (*book.bids, *book.asks)):
        fail("a valid book holds no empty or negative level", observed=book)
    if bids != sorted(set(bids), reverse=True) or asks != sorted(set(asks)):
        fail("a valid book is sorted, best price first, each price once", observed=book)


async def _watched(adapter: Adapter, world: World) -> None:
    await _traffic(world, 12, 50)
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)


@case("MKT-04", level=1, needs=_NEEDS, source="NT D14")
async def the_book_follows_the_venue(adapter: Adapter, world: World) -> None:
    """The local book equals the venue's at every hundredth change."""
    await _watched(adapter, world)
    since = world.wire.mark()
    for start in range(0, 400, 100):
        for step in range(start, start + 100):
            _quote(world, step)
            if step % 5 == 0:
                await world.quiet(120)
                _sane(adapter, world)
        await book_settles(adapter, world)
    snapshots = len(world.wire.calls(Operation.BOOK, since=since))
    check(
        snapshots <= 2,
        "a book on a healthy stream follows by its changes, not by ever new snapshots",
        expected="at most 2 snapshots",
        observed=snapshots,
    )


@case("MKT-05", level=1, needs=_NEEDS, source="I10, I11", stimulus=True)
async def a_lost_change_invalidates_the_book(adapter: Adapter, world: World) -> None:
    """After a lost change the book is invalid until it has been rebuilt, and then equal again."""
    await _watched(adapter, world)
    world.faults.delay_answer(Operation.BOOK, 4_000, times=5).optional()
    lost = world.faults.drop_push(Topic.BOOK, times=1)
    # Levels go and come: whoever adds a new snapshot to what he had keeps those that went.
    world.market.clear()
    world.market.rest(Side.BUY, world.price(5, Side.BUY), world.quantity(3))
    await world.until(lambda: lost.delivered, what="the venue pushes a change of the book")
    await world.quiet(_SPACED_MS)
    world.market.rest(Side.SELL, world.price(5, Side.SELL), world.quantity(4))
    await world.quiet(_SPACED_MS)
    book = adapter.book(world.symbol)
    check(
        not book.valid or same_book(book, world.truth.book(world.symbol)),
        "a book that missed a change is not offered as valid",
        expected="valid=False until the book has been rebuilt",
        observed=f"valid=True, bids {book.bids[:3]}",
    )
    await book_settles(adapter, world, within_ms=30_000)
    _quote(world, 3)
    await book_settles(adapter, world)


@case("MKT-06", level=2, needs=_NEEDS, ways=[Way.BOOK_BY_QUERY], source="I10", stimulus=True)
@for_each(snapshot=["slow", "stale"])
async def a_book_is_built_under_traffic(adapter: Adapter, world: World, snapshot: str) -> None:
    """A book whose snapshot is slow or old is built from buffered changes under full traffic."""
    await _traffic(world, 12, 50)
    if snapshot == "slow":
        world.faults.delay_answer(Operation.BOOK, 2_000, times=100)
    else:
        world.faults.lag_reads(15_000)
    traffic = asyncio.ensure_future(_traffic(world, 500, 100))
    watching = asyncio.ensure_future(adapter.watch_book(world.symbol))
    try:
        check(
            await _steady(adapter, world),
            f"with a {snapshot} snapshot the book becomes and stays valid under traffic",
            expected="valid for 3 s on end within 45 s",
            observed="not valid for so long",
        )
    finally:
        traffic.cancel()
        await asyncio.gather(traffic, watching, return_exceptions=True)
    await book_settles(adapter, world)


async def _steady(adapter: Adapter, world: World) -> bool:
    """Return True once the book was valid for 3 s on end; give up after 45 s."""
    on_end = 0
    for _ in range(450):
        await world.quiet(100)
        _sane(adapter, world)
        on_end = on_end + 1 if adapter.book(world.symbol).valid else 0
        if on_end == 30:
            return True
    return False


@case("MKT-07", level=2, needs=_NEEDS, source="CME gaps", stimulus=True)
@for_each(trouble=["duplicated", "swapped"])
async def repeated_and_swapped_changes_do_no_harm(
    adapter: Adapter, world: World, trouble: str
) -> None:
    """A change that comes twice or out of order never lets the book diverge silently."""
    await _watched(adapter, world)
    if trouble == "duplicated":
        struck = world.faults.duplicate_push(Topic.BOOK, times=2)
    else:
        struck = world.faults.swap_pushes(Topic.BOOK, times=1)
    for lots in (0, 2, 5):
        world.market.rest(Side.BUY, world.price(8 + lots, Side.BUY), world.quantity(lots))
        await world.quiet(_SPACED_MS)
    world.market.take(Side.BUY, world.quantity(1))
    await world.until(lambda: struck.delivered, what="the venue pushes changes of the book")
    await world.quiet(_SPACED_MS)
    book = adapter.book(world.symbol)
    check(
        not book.valid or same_book(book, world.truth.book(world.symbol)),
        f"a book with {trouble} changes is right or marked invalid",
        expected=world.truth.book(world.symbol).bids[:3],
        observed=book.bids[:3],
    )
    await book_settles(adapter, world, within_ms=20_000)


@case("MKT-11", level=3, needs=_NEEDS, source="I11", stimulus=True)
async def a_broken_stream_of_changes_is_not_stormed(adapter: Adapter, world: World) -> None:
    """While every third change is lost for a minute, the book is not begun anew without measure."""
    await _watched(adapter, world)
    since = world.wire.mark()
    turn = cycle((False, False, True))
    lost = world.faults.drop_push(
        Topic.BOOK,
        times=100_000,
        where=lambda _: adapter.book(world.symbol).valid and next(turn),
    )
    await _traffic(world, 600, 100)
    lost.withdraw()
    asked = len(world.wire.calls(Operation.BOOK, since=since))
    public = {stream.stream for stream in world.wire.streams(private=False)}
    said = [
        frame
        for frame in world.wire.frames(inbound=True, since=since)
        if frame.opcode == "text" and frame.stream in public
    ]
    check(
        asked + len(said) <= _BEGINNINGS_MAX,
        "a book whose changes keep getting lost is begun anew ever more rarely",
        expected=f"at most {_BEGINNINGS_MAX} questions and messages in a minute",
        observed=f"{asked} questions, {len(said)} messages",
    )
    await book_settles(adapter, world, within_ms=60_000)


@case("MKT-12", level=2, needs=_NEEDS, source="CX")
async def a_moving_market_never_shows_a_crossed_book(adapter: Adapter, world: World) -> None:
    """Through emptied levels and a market that leaps, no crossed or empty level is shown."""
    await _watched(adapter, world)
    for leap in (0, 40, -40, 80, -60, 0):
        world.market.clear()
        for depth in range(1, 6):
            for side in (Side.BUY, Side.SELL):
                price = world.price(depth * 3 - leap * side.sign, side)
                world.market.rest(side, price, world.quantity(depth))
        for _ in range(12):
            await world.quiet(60)
            _sane(adapter, world)
        await book_settles(adapter, world)
    await _one_digit_more(adapter, world)
    world.market.rest(Side.BUY, world.price(300, Side.BUY), world.quantity())
    world.market.clear()
    await book_settles(adapter, world)


async def _one_digit_more(adapter: Adapter, world: World) -> None:
    """Let levels of one side stand on both sides of a power of ten: as texts they sort wrongly."""
    world.market.mark(Decimal(10) ** (world.reference_price().adjusted() + 1))
    for side in (Side.BUY, Side.SELL):
        world.market.clear()
        for ticks in (-6, -3, 3, 6):
            world.market.rest(side, world.price(ticks, side), world.quantity())
        for ticks in (10, 20):
            world.market.rest(side.opposite, world.price(ticks, side.opposite), world.quantity())
        await world.quiet(_SPACED_MS)
        _sane(adapter, world)
        await book_settles(adapter, world)
