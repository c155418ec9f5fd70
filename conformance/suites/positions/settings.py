"""Claims about leverage, margin mode and position mode."""

from __future__ import annotations

from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.orders import MarginMode, PositionSide, Side, Status
from conformance.model.outcomes import Outcome
from conformance.model.wire import Operation
from conformance.suites.staging import CROSSING_TICKS, hold, order_of, quote, rest
from conformance.suites.witness import legs, refused, settle

_MODES = [Capability.MARGIN_MODE, Capability.HEDGE_MODE]


@case("POS-01", level=1, needs=[Capability.LEVERAGE], source="HB")
async def leverage_is_set_orrefused(adapter: Adapter, world: World) -> None:
    """Every legal leverage is set at the venue; one beyond the limit is definitely refused."""
    other = world.symbols[1]
    before = world.truth.leverage(other)
    highest = world.listing.tiers[0].max_leverage
    for leverage in (1, 5, highest):
        outcome = await adapter.set_leverage(world.symbol, leverage)
        equal(accepted(outcome, f"leverage {leverage}"), leverage, "the leverage set is returned")
        equal(world.truth.leverage(world.symbol), leverage, "the leverage is in force")
    refused(await adapter.set_leverage(world.symbol, highest + 1), "a leverage beyond the limit")
    equal(world.truth.leverage(world.symbol), highest, "a refused leverage changes nothing")
    equal(world.truth.leverage(other), before, "the leverage of another symbol stays as it was")


@case("POS-02", level=1, needs=[Capability.PLACE, Capability.LEVERAGE, *_MODES], source="I14")
@for_each(setting=["leverage", "margin-mode", "position-mode"])
async def having_it_already_is_success(adapter: Adapter, world: World, setting: str) -> None:
    """Setting what is already set succeeds, whatever the venue calls it."""
    for turn in (1, 2):
        what = f"setting the {setting} for the {turn}. time"
        if setting == "leverage":
            accepted(await adapter.set_leverage(world.symbol, 7), what)
        elif setting == "margin-mode":
            accepted(await adapter.set_margin_mode(world.symbol, MarginMode.ISOLATED), what)
        else:
            accepted(await adapter.set_hedge_mode(hedge=True), what)
    observed = {
        "leverage": world.truth.leverage(world.symbol) == 7,
        "margin-mode": world.truth.margin_mode(world.symbol) is MarginMode.ISOLATED,
        "position-mode": world.truth.hedge(),
    }[setting]
    check(observed, f"the {setting} is in force after setting it twice", observed=observed)
    if setting == "margin-mode":
        accepted(await adapter.set_margin_mode(world.symbol, MarginMode.CROSS), "setting it back")
        equal(world.truth.margin_mode(world.symbol), MarginMode.CROSS, "the margin mode is back")
    if setting == "position-mode":
        for hedge in (False, True):
            accepted(await adapter.set_hedge_mode(hedge), f"switching hedge mode to {hedge}")
            equal(world.truth.hedge(), hedge, "the position mode is the one asked for")
        leg = order_of(world, Side.BUY, position_side=PositionSide.LONG)
        accepted(await adapter.place(leg), "an order for a leg after switching to hedge mode")


@case("POS-03", level=2, needs=[Capability.PLACE, *_MODES], source="I16")
@for_each(setting=["margin-mode", "position-mode"], because=["order", "position"])
async def a_refused_switch_leaves_the_true_mode(
    adapter: Adapter, world: World, setting: str, because: str
) -> None:
    """When a mode cannot be switched the adapter says so and goes on in the true mode."""
    if because == "order":
        await rest(adapter, world)
    else:
        await hold(adapter, world, Side.BUY)
    outcome: Outcome[None]
    if setting == "margin-mode":
        outcome = await adapter.set_margin_mode(world.symbol, MarginMode.ISOLATED)
    else:
        outcome = await adapter.set_hedge_mode(hedge=True)
    refused(outcome, f"switching the {setting} with an open {because}")
    equal(
        (world.truth.margin_mode(world.symbol), world.truth.hedge()),
        (MarginMode.CROSS, False),
        "a refused switch changes nothing",
    )
    since = world.wire.mark()
    accepted(
        await adapter.place(world.request(Side.SELL)),
        "an order in the mode that is still in force",
    )
    codes = [
        call.reading.code
        for call in world.wire.calls(Operation.PLACE, since=since)
        if call.reading.code
    ]
    equal(codes, [], "orders after a refused switch are made for the mode in force")


@case(
    "POS-04", level=1, needs=[Capability.PLACE, Capability.HEDGE_MODE], source="I15", started=False
)
async def the_mode_is_known_before_the_first_order(adapter: Adapter, world: World) -> None:
    """An account in the other position mode is noticed before the first order is sent."""
    world.market.set_hedge_mode(hedge=True)
    try:
        await adapter.start()
    except AdapterError:
        equal(len(world.wire.calls(Operation.PLACE)), 0, "a start that fails sends no order")
        return
    quote(world, Side.BUY)
    net = await adapter.place(order_of(world, Side.BUY, ticks_away=CROSSING_TICKS))
    refused(net, "an order without a leg in hedge mode")
    equal(list(world.truth.orders()), [], "an order for the wrong mode opens nothing")
    since = world.wire.mark()
    long = order_of(world, Side.BUY, ticks_away=CROSSING_TICKS, position_side=PositionSide.LONG)
    accepted(await adapter.place(long), "an order that names its leg in hedge mode")
    codes = [call.reading.code for call in world.wire.calls(Operation.PLACE, since=since)]
    equal(codes, [""], "the first order that fits the mode is taken at once")


@case(
    "POS-06",
    level=1,
    needs=[Capability.PLACE, Capability.USER_STREAM, Capability.HEDGE_MODE, Capability.POSITIONS],
    source="I23",
    started=False,
)
@for_each(closed=[PositionSide.LONG, PositionSide.SHORT])
async def legs_are_never_netted(adapter: Adapter, world: World, closed: PositionSide) -> None:
    """A long and a short leg live beside each other; closing one leaves the other alone."""
    world.market.set_hedge_mode(hedge=True)
    await adapter.start()
    least = world.quantity()
    expected = {
        (world.symbol, PositionSide.LONG): least * 3,
        (world.symbol, PositionSide.SHORT): least * -2,
    }
    await hold(adapter, world, Side.BUY, 3, position_side=PositionSide.LONG)
    await hold(adapter, world, Side.SELL, 2, position_side=PositionSide.SHORT)
    await _both_say(adapter, world, expected)
    if closed is PositionSide.LONG:
        await hold(adapter, world, Side.SELL, 3, position_side=closed)
    else:
        await hold(adapter, world, Side.BUY, 2, position_side=closed)
    del expected[(world.symbol, closed)]
    await _both_say(adapter, world, expected)


async def _both_say(
    adapter: Adapter, world: World, expected: dict[tuple[str, PositionSide], Decimal]
) -> None:
    await settle(adapter, world)
    equal(legs(world.truth.positions()), expected, "the venue holds both legs")
    asked = accepted(await adapter.positions(), "asking for the positions")
    equal(legs(asked), expected, "positions asked for are leg by leg, never netted")
    equal([leg for leg in asked if not leg.quantity], [], "flat legs are not told as positions")
    equal(legs(adapter.held()), expected, "positions tracked are leg by leg, never netted")
    for order in adapter.orders():
        equal(order.status, Status.FILLED, "orders of both legs are filled")
    ledger = {fill.trade_id: fill.position_side for fill in world.truth.fills()}
    for fill in adapter.fills():
        equal(fill.position_side, ledger[fill.trade_id], "an execution names the leg it changed")
