"""Claims about what a venue does to positions by force: liquidation, deleveraging, delivery."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter, Health
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.orders import ZERO, Order, OrderRequest, Position, Side, Status
from conformance.model.outcomes import NotSent
from conformance.model.wire import Operation
from conformance.suites.staging import empty_purse, hold, order_of, rest
from conformance.suites.witness import known, legs, refused, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]
_LEVERAGE = 20
_FAR = Decimal("0.03")
"""Share of the price by which the story of a delivery does not move it."""
_GAP = Decimal("0.01")
"""Share of the price by which a jump of the mark leaves nothing that a smaller leg could save."""
_NOTICED_MS = 6 * 60_000
"""When the story of a delisting has announced it; the end comes within ``_SOON_MS``."""
_SOON_MS = 40 * 60_000
_AFTERMATH_MS = 60_000
"""Time after an end in which whoever still believes in the symbol would show it."""
_ENTRIES = (Operation.PLACE, Operation.PLACE_BATCH, Operation.AMEND)


def _leg(world: World) -> Position | None:
    return next((leg for leg in world.truth.positions() if leg.symbol == world.symbol), None)


async def _stake_all(adapter: Adapter, world: World, side: Side, worth: Decimal) -> None:
    """Take a position of about this value, with no more money than it needs."""
    world.market.set_leverage(_LEVERAGE)
    multiple = int(worth / (world.quantity() * world.reference_price())) + 1
    await hold(adapter, world, side, multiple)
    await settle(adapter, world)
    empty_purse(world)


def _press(world: World, beyond: Decimal = ZERO) -> None:
    """Move the mark past the price of liquidation, with others ready to take over."""
    leg = _leg(world)
    assert leg is not None
    assert leg.liquidation_price is not None
    sign = 1 if leg.quantity > 0 else -1
    prices, tick = world.listing.prices, world.listing.tick
    price = prices.floor(leg.liquidation_price * (1 - sign * beyond)) * tick - sign * tick
    world.market.clear()
    world.market.rest(Side.BUY if leg.quantity > 0 else Side.SELL, price, abs(leg.quantity))
    world.market.mark(price)


def _just_above_a_tier(world: World) -> Decimal:
    """Return a value of which a part must go first: above the highest tier that money allows."""
    money = max(balance.available for balance in world.truth.balances())
    most = money * _LEVERAGE * Decimal("0.7")
    affordable = [tier.cap for tier in world.listing.tiers if tier.cap < most]
    return affordable[-1] * Decimal("1.08")


def _forced(adapter: Adapter, before: set[str]) -> Sequence[Order]:
    return [order for order in adapter.orders() if order.client_id not in before]


@case("FND-05", level=2, needs=_NEEDS, source="house rule: a liquidation is the venue's order")
@for_each(side=[Side.BUY, Side.SELL])
async def a_liquidation_is_followed_to_its_end(adapter: Adapter, world: World, side: Side) -> None:
    """A liquidation in parts and in full moves legs and orders, is named, and starts nothing."""
    await _stake_all(adapter, world, side, _just_above_a_tier(world))
    before, since = {order.client_id for order in adapter.orders()}, world.wire.mark()
    held = sum(abs(leg.quantity) for leg in world.truth.positions())
    _press(world)
    left = _leg(world)
    check(
        left and 0 < abs(left.quantity) < held,
        "the venue liquidates a part first",
        expected=f"less than {held}",
        observed=left,
    )
    await settle(adapter, world)
    _press(world, _GAP)
    equal(_leg(world), None, "the venue liquidates the rest")
    await settle(adapter, world)
    forced = _forced(adapter, before)
    check(len(forced) >= 2, "the venue's orders are told", expected=2, observed=len(forced))
    for order in forced:
        check(not order.own, "a liquidation is not taken for one's own order", observed=order)
        check(order.reason, "the reason of the venue's order is told", observed=order)
    await world.quiet(60_000)
    equal(world.wire.calls(*_ENTRIES, since=since), [], "nothing is traded after a liquidation")


@case("FND-06", level=2, needs=_NEEDS, source="house rule: deleveraging is a fill of another's")
async def deleveraging_is_a_fill_that_nobody_ordered(adapter: Adapter, world: World) -> None:
    """A deleveraging closes the leg by a fill of an order that is not one's own."""
    own = await rest(adapter, world, side=Side.SELL, multiple=20, ticks_away=1)
    story = world.play("deleveraging", symbol=world.symbol)
    await world.until(lambda: _leg(world), within_ms=20_000, what="the order is filled")
    before, since = {order.client_id for order in adapter.orders()}, world.wire.mark()
    await story.wait()
    equal(_leg(world), None, "the venue deleverages the position")
    await settle(adapter, world)
    forced = _forced(adapter, before)
    equal(
        [(order.own, order.status, order.filled) for order in forced],
        [(False, Status.FILLED, own.quantity)],
        "the deleveraging is told as the order of another",
    )
    check(forced[0].reason, "the reason of the venue's order is told", observed=forced[0])
    equal(world.wire.calls(*_ENTRIES, since=since), [], "nothing is traded after it")


@case("FND-07", level=2, needs=_NEEDS, source="NT D61")
@for_each(side=[Side.BUY, Side.SELL])
async def a_delivery_ends_positions_and_orders(adapter: Adapter, world: World, side: Side) -> None:
    """At delivery the leg is closed at the settlement price and resting orders expire."""
    await hold(adapter, world, side, 4)
    away = int(world.reference_price() * _FAR / world.listing.tick)
    resting = await rest(adapter, world, side=side, ticks_away=away)
    story = world.play("delivery-day", symbol=world.symbol)
    await story.wait()
    equal(_leg(world), None, "the venue delivers the position")
    await settle(adapter, world, within_ms=60_000)
    equal(legs(adapter.held()), {}, "nothing is held after delivery")
    order = known(adapter, resting.client_id)
    equal(order.status if order else None, Status.EXPIRED, "a resting order expires at delivery")
    closing = world.truth.fills()[-1]
    equal(
        [fill.price for fill in adapter.fills() if fill.trade_id == closing.trade_id],
        [closing.price],
        "the leg is closed at the settlement price",
    )


@case("FND-08", level=3, needs=[*_NEEDS, Capability.INSTRUMENTS, Capability.QUERY], source="CX")
@for_each(side=[Side.BUY, Side.SELL])
async def a_delisting_is_noticed_and_leaves_nothing_open(
    adapter: Adapter, world: World, side: Side
) -> None:
    """A delisting is told when it is announced, ends orders and legs, and nothing comes after."""
    await hold(adapter, world, side, 4)
    away = int(world.reference_price() * _FAR / world.listing.tick)
    resting = await rest(adapter, world, side=Side.SELL, ticks_away=away)
    story = world.play("delisting", symbol=world.symbol)
    await world.quiet(_NOTICED_MS)
    told = accepted(await adapter.instruments(), "asking what can be traded")
    ends = [row.expiry_ms for row in told if row.symbol == world.symbol]
    left_ms = (ends[0] or 0) - world.now() if ends else 0
    check(0 < left_ms < _SOON_MS, "the announced end of a symbol is told", observed=ends)
    await story.wait()
    equal(_leg(world), None, "the venue settles the position by force")
    await settle(adapter, world, within_ms=60_000)
    states = len(adapter.updates())
    refused(await adapter.place(order_of(world, side)), "an order in a symbol that has ended")
    await world.quiet(_AFTERMATH_MS)
    equal(legs(adapter.held()), {}, "nothing is held after the end")
    order = known(adapter, resting.client_id)
    equal(order.status if order else None, Status.EXPIRED, "a resting order expires at the end")
    late = [row for row in adapter.updates()[states:] if row.status is not Status.REJECTED]
    equal(late, [], "no order changes after the end")
    still = accepted(await adapter.open_orders(world.symbol), "asking for resting orders")
    equal(list(still), [], "no order rests after the end")


def _opening(world: World, side: Side) -> OrderRequest:
    return order_of(world, side, ticks_away=50)


@case("FND-09", level=3, needs=[*_NEEDS, Capability.MARGIN_CALL], source="house rule: no more risk")
async def a_margin_call_stops_openings(adapter: Adapter, world: World) -> None:
    """After a margin call the adapter says so and opens nothing until margin is sound again."""
    await _stake_all(adapter, world, Side.BUY, world.listing.tiers[0].cap / 2)
    leg = _leg(world)
    assert leg is not None
    assert leg.liquidation_price is not None
    near = leg.liquidation_price * Decimal("1.0008")
    world.market.mark(near.quantize(world.listing.tick))
    await world.until(
        lambda: adapter.health in (Health.DEGRADED, Health.HALTED),
        what="a margin call shows in the adapter's health",
    )
    await settle(adapter, world)
    since = world.wire.mark()
    outcome = await adapter.place(_opening(world, Side.BUY))
    check(isinstance(outcome, NotSent), "no opening order is sent", observed=outcome)
    equal(world.wire.calls(*_ENTRIES, since=since), [], "nothing reaches the venue")
    world.market.mark(leg.entry_price.quantize(world.listing.tick))
    world.market.deposit(leg.entry_price)
    await world.until(
        lambda: adapter.health is Health.READY,
        within_ms=120_000,
        what="the adapter trades again once margin is sound",
    )
    accepted(await adapter.place(_opening(world, Side.BUY)), "an order after margin is sound")
