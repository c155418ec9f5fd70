"""Claims about what is read back: what executions cost, and that no part of a list is missed."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import Beyond
from conformance.model.capabilities import Capability
from conformance.model.orders import Order, Side
from conformance.suites.staging import hit, rest
from conformance.suites.witness import alike, executions, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_READ = [*_NEEDS, Capability.QUERY, Capability.RECONCILE]
_RESTING = 120
"""Resting orders: more than a page of them at venues that tell them in pages."""
_EXECUTED = 600
"""Executions in a gap: more than a page that nobody asked to be larger."""
_PARTICULARS = ("client_id", "side", "maker", "fee", "fee_asset", "position_side")
_TIME_MS = 1_000
"""How far an execution may be told beside its instant."""


@case("LIF-08", level=2, needs=_NEEDS, source="HB, ccxt/ccxt#18193, ccxt/ccxt#7641")
@for_each(told=["live", "after-a-gap"], side=[Side.BUY, Side.SELL], asset=["usual", "another"])
async def an_execution_has_the_ledgers_particulars(
    adapter: Adapter, world: World, told: str, side: Side, asset: str
) -> None:
    """Order, side, role, fee and its asset of every execution are the ledger's, however told."""
    symbol = world.symbol
    if asset == "another":
        usual = world.listing.margin_asset
        others = [row for row in world.symbols if world.listing_of(row).margin_asset != usual]
        if not others:
            raise Beyond("all symbols keep margin in one asset")
        symbol = others[0]
    older = await rest(adapter, world, side=side, multiple=3, symbol=symbol)
    await rest(adapter, world, side=side.opposite, multiple=2, symbol=symbol)
    await rest(adapter, world, side=side, ticks_away=260, symbol=symbol)
    await settle(adapter, world)
    if told == "after-a-gap":
        world.faults.close_streams(1006)
    hit(world, older.side, 2, symbol=symbol)
    hit(world, older.side.opposite, 1, symbol=symbol)
    await settle(adapter, world, within_ms=60_000)
    ledger = {fill.trade_id: fill for fill in world.truth.fills()}
    for fill in adapter.fills():
        truth = ledger[fill.trade_id]
        alike(fill, truth, _PARTICULARS, "an execution")
        check(
            fill.realised in (0, truth.realised),
            "the profit of an execution, where it is told, is the ledger's",
            expected=truth.realised,
            observed=fill.realised,
        )
        check(
            not fill.at_ms or abs(fill.at_ms - truth.at_ms) <= _TIME_MS,
            "the instant of an execution, where it is told, is the venue's",
            expected=truth.at_ms,
            observed=fill.at_ms,
        )


def _names(orders: Iterable[Order]) -> list[str]:
    return sorted(order.client_id for order in orders if order.status.live)


@case("LIF-12", level=2, needs=_READ, source="ccxt/ccxt#8441")
async def every_resting_order_is_adopted(adapter: Adapter, world: World) -> None:
    """However many orders rest, a restart knows them all, and a question tells them all."""
    for number in range(_RESTING):
        world.market.foreign(world.request(ticks_away=200 + number))
    heir = await world.restart(adapter)
    theirs = _names(world.truth.open_orders())
    await world.until(
        lambda: _names(heir.orders()) == theirs,
        within_ms=60_000,
        what=f"after a restart all {_RESTING} resting orders are known",
    )
    told = accepted(await heir.open_orders(world.symbol), "a question for resting orders")
    equal(_names(told), theirs, "a question for resting orders tells all of them, each once")


@case("LIF-13", level=2, needs=_READ, source="ccxt/ccxt#23713, ccxt/ccxt#8327")
async def a_gap_full_of_executions_is_closed(adapter: Adapter, world: World) -> None:
    """More executions in a gap than fit into one answer are all counted, each once."""
    await rest(adapter, world, multiple=_EXECUTED)
    await settle(adapter, world)
    world.faults.close_streams(1006)
    for _ in range(_EXECUTED):
        hit(world, Side.BUY)
    await settle(adapter, world, within_ms=120_000)
    equal(
        executions(adapter.fills()),
        executions(world.truth.fills()),
        "every execution of a gap is counted exactly once",
    )


@case(
    "LIF-14",
    level=2,
    needs=[*_READ, Capability.CLOCK_SYNC],
    source="I08, ccxt/ccxt#9343",
    started=False,
    stimulus=True,
)
@for_each(ahead_s=[-600, 600])
async def history_is_read_by_the_venues_clock(adapter: Adapter, world: World, ahead_s: int) -> None:
    """With a clock of one's own that is minutes off, no execution of a gap is missed."""
    world.faults.step_clock(ahead_s * 1_000)
    await adapter.start()
    await rest(adapter, world, multiple=3)
    await settle(adapter, world)
    for _ in range(2):
        world.faults.close_streams(1006)
        hit(world, Side.BUY)
        await settle(adapter, world, within_ms=60_000)
    equal(
        executions(adapter.fills()),
        executions(world.truth.fills()),
        "every execution of a gap is counted exactly once, whatever one's own clock says",
    )
