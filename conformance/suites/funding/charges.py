"""Claims about funding: who pays whom, when, how much, and that nothing of it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability, Way
from conformance.model.funding import Payment
from conformance.model.orders import Side
from conformance.suites.staging import CROSSING_TICKS, hold, order_of, quote
from conformance.suites.witness import settle

_NEEDS = [Capability.PLACE, Capability.FUNDING]
_RATE = Decimal("0.0013")
_EDGE_MS = 2_000
"""How long before or after a boundary a trade counts as exactly there: it takes its time."""
_HOUR_MS = 3_600_000
_BURST, _BURSTS = 55, 20
"""Payments that share an instant, and how many such instants there are."""


def _wallet(world: World) -> Decimal:
    asset = world.listing.margin_asset
    return next(row.wallet for row in world.truth.balances() if row.asset == asset)


async def _until_charged(world: World) -> None:
    """Let time pass until just behind the next boundary."""
    left = world.truth.funding(world.symbol).next_ms - world.now()
    await world.quiet(left + 10)


async def _payments(adapter: Adapter, world: World, since_ms: int) -> Sequence[Payment]:
    outcome = await adapter.payments(world.symbol, since_ms=since_ms)
    return accepted(outcome, "asking for funding payments")


@case("FND-01", level=2, needs=_NEEDS, source="HB")
@for_each(side=[Side.BUY, Side.SELL], rate=["0.0013", "-0.0007"])
async def a_payment_has_the_ledgers_sign_and_amount(
    adapter: Adapter, world: World, side: Side, rate: str
) -> None:
    """What a position pays or gets at a boundary is told with the ledger's sign and amount."""
    began = world.now()
    await hold(adapter, world, side, 7)
    world.market.set_funding(Decimal(rate), 1)
    before = _wallet(world)
    await _until_charged(world)
    moved = _wallet(world) - before
    check(moved, "the venue charged funding", expected="a payment", observed=moved)
    found = await _payments(adapter, world, began)
    equal(
        [(row.symbol, row.amount, row.asset, row.special) for row in found],
        [(world.symbol, moved, world.listing.margin_asset, False)],
        "the payment equals the ledger's",
    )


@case("FND-02", level=2, needs=_NEEDS, source="I29")
@for_each(one_off=[False, True])
async def a_changed_interval_is_followed(adapter: Adapter, world: World, *, one_off: bool) -> None:
    """Rate, interval and next boundary are the venue's of now, through changes and one-offs."""
    if one_off:
        world.require(Way.SPECIAL_FUNDING)
    began = world.now()
    await hold(adapter, world, Side.BUY, 5)
    before, count = _wallet(world), 0
    for hours in (8, 4, 1):
        world.market.set_funding(_RATE * hours, hours)
        told = accepted(await adapter.funding(world.symbol), "asking for the next funding")
        equal(told, world.truth.funding(world.symbol), f"funding every {hours} h is told")
        if one_off and hours == 4:
            world.market.charge_funding(_RATE)
            count += 1
        await _until_charged(world)
        count += 1
        told = accepted(await adapter.funding(world.symbol), "asking for the next funding")
        equal(told, world.truth.funding(world.symbol), "the next boundary is told after one")
    found = await _payments(adapter, world, began)
    equal(len(found), count, "every boundary and every one-off charge is told once")
    equal(sum(row.special for row in found), int(one_off), "a one-off charge is told apart")
    moved = _wallet(world) - before
    equal(sum(row.amount for row in found), moved, "the payments add up to the ledger's")


@case("FND-03", level=2, needs=_NEEDS, source="I29")
@for_each(held=["until-before", "across", "from-after"])
async def who_holds_at_the_boundary_is_charged(adapter: Adapter, world: World, held: str) -> None:
    """A position is charged when it is held at the boundary itself, however short."""
    began = world.now()
    world.market.set_funding(_RATE, 1)
    boundary = world.truth.funding(world.symbol).next_ms
    if held == "until-before":
        await hold(adapter, world, Side.BUY, 3)
    await world.quiet(boundary - world.now() - _EDGE_MS)
    if held == "until-before":
        await hold(adapter, world, Side.SELL, 3)
    elif held == "across":
        await hold(adapter, world, Side.BUY, 3)
    await _until_charged(world)
    if held == "from-after":
        await hold(adapter, world, Side.BUY, 3)
    elif held == "across":
        await hold(adapter, world, Side.SELL, 3)
    await settle(adapter, world)
    found = await _payments(adapter, world, began)
    equal(
        [row.at_ms for row in found],
        [boundary] if held == "across" else [],
        f"a position held {held} the boundary is charged accordingly",
    )


@case("FND-04", level=2, needs=_NEEDS, source="CX")
async def a_long_history_is_read_to_its_end(adapter: Adapter, world: World) -> None:
    """More payments than fit a page, many at one instant, are told each once and in order."""
    began = world.now()
    await hold(adapter, world, Side.SELL, 2)
    before = _wallet(world)
    for burst in range(_BURSTS):
        for number in range(_BURST):
            world.market.charge_funding(_RATE * (1 + burst * _BURST + number) / 1000)
        await world.quiet(20)
    found = await _payments(adapter, world, began)
    equal(len({row.payment_id for row in found}), len(found), "no payment is told twice")
    equal(len(found), _BURST * _BURSTS, "every payment is told")
    equal([row.at_ms for row in found], sorted(row.at_ms for row in found), "oldest come first")
    moved = _wallet(world) - before
    equal(sum(row.amount for row in found), moved, "the payments add up to the ledger's")


@case("FND-10", level=2, needs=_NEEDS, source="CX")
async def funding_is_told_symbol_by_symbol(adapter: Adapter, world: World) -> None:
    """Terms and payments are those of the symbol asked for, from the instant asked for."""
    here, there = world.symbols[:2]
    began = world.now()
    await hold(adapter, world, Side.BUY, 3)
    quote(world, Side.SELL, 2, symbol=there)
    short = order_of(world, Side.SELL, 2, ticks_away=CROSSING_TICKS, symbol=there)
    accepted(await adapter.place(short), "a crossing limit order in another symbol")
    world.market.set_funding(_RATE, 1, here)
    world.market.set_funding(-_RATE * 2, 4, there)
    for symbol in (here, there):
        told = accepted(await adapter.funding(symbol), "asking for the next funding")
        equal(told, world.truth.funding(symbol), "the next funding is that of the symbol asked for")
    await _until_charged(world)
    middle = world.now()
    left = world.truth.funding(there).next_ms - middle
    await world.quiet(left + 10)
    charged = world.truth.funding(there).next_ms - 4 * _HOUR_MS
    for symbol, since, instants in (
        (there, began, [charged]),
        (here, middle, _hourly(middle, charged)),
    ):
        outcome = await adapter.payments(symbol, since_ms=since)
        found = accepted(outcome, "asking for funding payments")
        equal(
            [(row.symbol, row.at_ms) for row in found],
            [(symbol, instant) for instant in instants],
            "payments are told of the symbol and from the instant asked for, and no others",
        )


def _hourly(since_ms: int, until_ms: int) -> list[int]:
    """Return the full hours after an instant, up to and including another."""
    first = since_ms - since_ms % _HOUR_MS + _HOUR_MS
    return list(range(first, until_ms + 1, _HOUR_MS))
