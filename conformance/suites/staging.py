"""Ready-made situations: a resting order, liquidity to take, a position to hold."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from conformance.cases import accepted
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.errors import Beyond
from conformance.model.capabilities import Capability
from conformance.model.orders import (
    Kind,
    Order,
    OrderRequest,
    PositionSide,
    Side,
    TimeInForce,
)
from conformance.model.wire import Topic

PRIVATE = (Topic.ORDERS, Topic.FILLS, Topic.ACCOUNT)
"""Topics on which an account hears of its own orders."""

LIQUIDITY_TICKS = 10
"""How far behind the reference the other participants quote."""
CROSSING_TICKS = -50
"""How far beyond the reference a crossing order is willing to go."""


def offered(adapter: Adapter, capability: Capability) -> None:
    """Raise Beyond unless the adapter offers what only this example of a case needs."""
    if capability not in adapter.capabilities:
        raise Beyond(f"the adapter does not offer {capability}")


async def rest(
    adapter: Adapter,
    world: World,
    *,
    side: Side = Side.BUY,
    multiple: int = 1,
    symbol: str = "",
    ticks_away: int = 200,
) -> Order:
    """Place a limit order of ``multiple`` least quantities that rests in the book."""
    request = order_of(world, side, multiple, symbol=symbol, ticks_away=ticks_away)
    return accepted(await adapter.place(request), "a legal resting limit order")


def order_of(
    world: World,
    side: Side,
    multiple: int = 1,
    *,
    ticks_away: int = 200,
    symbol: str = "",
    kind: Kind = Kind.LIMIT,
    time_in_force: TimeInForce = TimeInForce.GTC,
    reduce_only: bool = False,
    position_side: PositionSide = PositionSide.NET,
) -> OrderRequest:
    """Describe a legal order of ``multiple`` least quantities; below zero ticks it crosses."""
    return OrderRequest(
        symbol=symbol or world.symbol,
        side=side,
        quantity=world.quantity(symbol=symbol) * multiple,
        kind=kind,
        price=world.price(ticks_away, side, symbol) if kind is Kind.LIMIT else None,
        time_in_force=time_in_force,
        reduce_only=reduce_only,
        position_side=position_side,
        client_id=world.client_id(),
    )


def quote(world: World, taker: Side, multiple: int = 1, *, symbol: str = "") -> Decimal:
    """Let the others offer liquidity to a taker; return its price."""
    price = world.price(LIQUIDITY_TICKS, taker.opposite, symbol)
    world.market.rest(taker.opposite, price, world.quantity(symbol=symbol) * multiple, symbol)
    return price


def hit(world: World, maker: Side, multiple: int = 1, *, symbol: str = "") -> None:
    """Let the others take ``multiple`` least quantities from a maker of this side."""
    world.market.take(maker.opposite, world.quantity(symbol=symbol) * multiple, symbol)


async def hold(
    adapter: Adapter,
    world: World,
    side: Side,
    multiple: int = 1,
    *,
    position_side: PositionSide = PositionSide.NET,
) -> Order:
    """Trade into a position (or out of one) at the others' quotes."""
    quote(world, side, multiple)
    request = order_of(
        world, side, multiple, ticks_away=CROSSING_TICKS, position_side=position_side
    )
    order = accepted(await adapter.place(request), "a crossing limit order")
    await world.until(
        lambda: (found := world.truth.order(order.client_id)) and not found.remaining,
        what="a crossing order trades with the resting liquidity",
    )
    return order


async def in_time(
    world: World, condition: Callable[[], object], *, within_ms: int, what: str
) -> None:
    """Wait for what takes minutes or hours, looking every ten seconds only."""
    for _ in range(within_ms // 10_000):
        if condition():
            return
        await world.quiet(10_000)
    await world.until(condition, within_ms=1, what=what)


def hush(world: World) -> list[Planned]:
    """Mute every private topic; the streams stay up and answer pings."""
    return everywhere(world.faults.mute)


def everywhere(arm: Callable[[Topic], Planned]) -> list[Planned]:
    """Arm a fault on every private topic; which of them a venue uses is its own affair."""
    return [arm(topic).optional() for topic in PRIVATE]


def lift(plans: list[Planned]) -> None:
    """Withdraw faults."""
    for plan in plans:
        plan.withdraw()


def empty_purse(world: World) -> None:
    """Take away all free money of the account."""
    for balance in world.truth.balances():
        if balance.available > 0:
            world.market.deposit(-balance.available, balance.asset)
