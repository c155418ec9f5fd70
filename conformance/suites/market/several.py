"""Claims about several books at once."""

from __future__ import annotations

from contextlib import suppress

from conformance.cases import case, check, fail, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError, Finding
from conformance.model.capabilities import Capability
from conformance.model.ids import Symbol
from conformance.model.orders import Side
from conformance.model.wire import Topic
from conformance.suites.witness import same_book

_NEEDS = [Capability.BOOK]
_SETTLED_MS_MAX = 15_000
_CHANGED_MS_MAX = 1_500
"""Longer than any venue gathers changes before it pushes them, shorter than any habit of asking."""
_ALONE_MS = 2_000
"""For how long books that miss nothing are looked at while another begins anew."""
_NOWHERE = "NOSUCHCOIN"


def _trade(world: World, symbols: list[Symbol], step: int) -> None:
    """Change each book a little, each in its own way."""
    for number, symbol in enumerate(symbols):
        for side in (Side.BUY, Side.SELL):
            price = world.price(20 + 3 * step + number, side, symbol)
            world.market.rest(side, price, world.quantity(step % 4 + number, symbol), symbol)


def _wrong(adapter: Adapter, world: World, symbols: list[Symbol]) -> list[Symbol]:
    return [s for s in symbols if not same_book(adapter.book(s), world.truth.book(s))]


async def _all_settle(
    adapter: Adapter, world: World, symbols: list[Symbol], when: str, *, within_ms: int
) -> None:
    try:
        await world.until(lambda: not _wrong(adapter, world, symbols), within_ms=within_ms)
    except Finding:
        fail(
            f"{when} each of several books is valid and equal to the venue's",
            expected=f"within {within_ms} ms",
            observed=f"wrong: {', '.join(_wrong(adapter, world, symbols))}",
        )


async def _all_follow(adapter: Adapter, world: World, symbols: list[Symbol], when: str) -> None:
    """Judge that all books come to be right, and that further changes reach each at once."""
    await _all_settle(adapter, world, symbols, when, within_ms=_SETTLED_MS_MAX)
    for step in range(4):
        _trade(world, symbols, step + 30)
        await _all_settle(adapter, world, symbols, when, within_ms=_CHANGED_MS_MAX)


@case("MKT-16", level=2, needs=_NEEDS, source="RSY-11, B124", stimulus=True)
@for_each(trouble=["cut", "lost-change", "unknown-symbol"])
async def books_live_beside_each_other(adapter: Adapter, world: World, trouble: str) -> None:
    """Of several books each equals its own venue's, and what befalls one leaves the others be."""
    symbols = list(world.symbols[:3])
    for symbol in symbols:
        await adapter.watch_book(symbol)
    for step in range(6):
        _trade(world, symbols, step)
        await world.quiet(120)
    await _all_follow(adapter, world, symbols, "before any trouble")
    if trouble == "lost-change":
        await _one_begins_anew(adapter, world, symbols)
    elif trouble == "unknown-symbol":
        with suppress(AdapterError):
            await adapter.watch_book(_NOWHERE)
    if trouble != "lost-change":
        world.faults.close_streams(1006, private=False)
        _trade(world, symbols, 7)
        await world.quiet(2_000)
    await _all_follow(adapter, world, symbols, f"after trouble ({trouble})")


async def _one_begins_anew(adapter: Adapter, world: World, symbols: list[Symbol]) -> None:
    """Lose a change of the second book; the others must not suffer."""
    second = symbols[1]
    lost = world.faults.drop_push(Topic.BOOK, times=1, where=lambda text: second.encode() in text)
    _trade(world, [second], 20)
    await world.until(lambda: lost.delivered, what="the venue pushes a change of the second book")
    await world.quiet(1_100)
    _trade(world, [second], 21)
    for _ in range(_ALONE_MS // 100):
        await world.quiet(100)
        check(
            all(adapter.book(symbol).valid for symbol in symbols if symbol != second),
            "a change that is lost in one book leaves the others valid",
            expected=f"only {second} in doubt",
            observed=[symbol for symbol in symbols if not adapter.book(symbol).valid],
        )
