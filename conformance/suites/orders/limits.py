"""Claims about prices, quantities and sides that the venue would not take."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from conformance.cases import accepted, case, check, equal, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import Beyond
from conformance.model.capabilities import Capability
from conformance.model.instruments import Listing
from conformance.model.orders import Kind, OrderRequest, PositionSide, Side
from conformance.model.outcomes import Accepted, NotSent, Rejected
from conformance.suites.staging import CROSSING_TICKS, offered, order_of, quote
from conformance.suites.witness import legs, refused, sent, settle

_BREACHES = ("huge-quantity", "price-band", "tiny-notional", "too-many-orders", "zero-quantity")


def _awkward(world: World, symbol: str) -> list[OrderRequest]:
    """Return legal orders whose numbers tempt a formatter into floats and exponents."""
    rules = world.listing_of(symbol)
    base = replace(world.request(symbol=symbol), client_id=None)
    price, quantity = base.price or Decimal(0), base.quantity
    round_price = price - price % (rules.tick * 100)
    tens = (quantity / (rules.step * 10)).to_integral_value(ROUND_CEILING)
    orders = [
        replace(base, price=round_price.normalize(), quantity=(rules.step * 10 * tens).normalize()),
        replace(base, price=round_price * Decimal("1.000"), quantity=quantity.normalize()),
    ]
    orders += [
        replace(
            base, price=round_price - rules.tick * 3 * n, quantity=quantity + rules.step * 7 * n
        )
        for n in range(1, 8)
    ]
    return [replace(order, client_id=world.client_id()) for order in orders]


@case("ORD-12", level=1, needs=[Capability.PLACE], source="CX")
async def numbers_reach_the_venue_exactly(adapter: Adapter, world: World) -> None:
    """Prices and quantities on the grid reach the venue exactly, without float or exponent."""
    for symbol in world.symbols:
        for request in _awkward(world, symbol):
            outcome = await adapter.place(request)
            order = accepted(outcome, f"{request.quantity} {symbol} at {request.price}")
            truth = world.truth.order(order.client_id)
            equal(
                (symbol, truth.price, truth.quantity) if truth else None,
                (symbol, request.price, request.quantity),
                "price and quantity on the grid reach the venue exactly as asked",
            )
        for side in (Side.BUY, Side.SELL):
            await _off_grid(adapter, world, world.listing_of(symbol), side)


async def _off_grid(adapter: Adapter, world: World, rules: Listing, side: Side) -> None:
    base = world.request(side, symbol=rules.symbol, lots=3)
    request = replace(
        base,
        price=(base.price or Decimal(0)) + rules.tick / 4,
        quantity=base.quantity + rules.step / 2,
    )
    outcome = await adapter.place(request)
    if not isinstance(outcome, Accepted):
        check(
            isinstance(outcome, Rejected | NotSent),
            "an order off the grid is refused, or rounded without adding risk",
            expected="NotSent, Rejected, or a smaller order",
            observed=outcome,
        )
        return
    truth = world.truth.order(outcome.value.client_id)
    asked = request.price or Decimal(0)
    check(
        truth
        and truth.quantity <= request.quantity
        and truth.price is not None
        and truth.price * side.sign <= asked * side.sign,
        "rounding never makes an order larger or its price worse than asked",
        expected=f"at most {request.quantity}, no worse than {asked}",
        observed=truth,
    )


def _least_cost(world: World, symbol: str) -> Decimal:
    return world.listing_of(symbol).min_quantity * world.reference_price(symbol)


def _breach(world: World, breach: str) -> OrderRequest:
    rules, base = world.listing, world.request()
    price = base.price or Decimal(0)
    if breach == "tiny-notional":
        for symbol in world.symbols:
            least = world.listing_of(symbol)
            if _least_cost(world, symbol) < least.min_notional:
                return replace(world.request(symbol=symbol), quantity=least.min_quantity)
        raise Beyond("no quantity that is legal here is worth too little")
    if breach == "huge-quantity":
        return replace(base, quantity=rules.max_quantity + rules.step)
    if breach == "price-band":
        beyond = world.reference_price() * rules.band_up * Decimal("1.2")
        return replace(base, price=beyond - beyond % rules.tick)
    if breach == "zero-quantity":
        return replace(base, quantity=Decimal(0))
    world.market.deposit(price * base.quantity * (rules.max_open_orders + 10))
    for number in range(rules.max_open_orders):
        world.market.foreign(world.request(ticks_away=200 + number % 50))
    return base


@case("ORD-13", level=2, needs=[Capability.PLACE], source="GCT limits")
@for_each(breach=_BREACHES)
async def a_breach_of_the_rules_is_a_definite_refusal(
    adapter: Adapter, world: World, breach: str
) -> None:
    """An order beyond the instrument's limits is denied at once and never repeated."""
    request = _breach(world, breach)
    refused(await adapter.place(request), f"an order that breaks a limit ({breach})")
    await world.quiet(60_000)
    check(
        len(sent(world, request.client_id or "")) <= 1,
        "a definite refusal is never repeated unchanged",
        expected="at most one request",
        observed=len(sent(world, request.client_id or "")),
    )
    equal(world.truth.order(request.client_id or ""), None, "a refused order does not exist")


@case(
    "ORD-21",
    level=2,
    needs=[Capability.PLACE, Capability.REDUCE_ONLY],
    source="hummingbot/hummingbot#7094, gemwalletcom/wallet#1186",
)
@for_each(kind=[Kind.LIMIT, Kind.MARKET])
async def however_little_is_held_can_be_closed(adapter: Adapter, world: World, kind: Kind) -> None:
    """An order that only reduces is sent even when it is worth less than a new order must be."""
    if kind is Kind.MARKET:
        offered(adapter, Capability.MARKET)
    symbol = next(
        (
            symbol
            for symbol in world.symbols
            if _least_cost(world, symbol) < world.listing_of(symbol).min_notional
        ),
        "",
    )
    if not symbol:
        raise Beyond("no quantity that is legal here is worth too little")
    for side, reduce_only in ((Side.BUY, False), (Side.SELL, True)):
        quote(world, side, symbol=symbol)
        request = order_of(
            world,
            side,
            symbol=symbol,
            ticks_away=CROSSING_TICKS,
            kind=kind,
            reduce_only=reduce_only,
        )
        if reduce_only:
            request = replace(request, quantity=world.listing_of(symbol).min_quantity)
        what = "a small order that only reduces" if reduce_only else "a legal order"
        accepted(await adapter.place(request), what)
    await world.until(
        lambda: legs(world.truth.positions())[symbol, PositionSide.NET] < world.quantity(0, symbol),
        what="the position shrinks",
    )


@case(
    "ORD-15",
    level=1,
    needs=[Capability.PLACE, Capability.USER_STREAM, Capability.HEDGE_MODE, Capability.REDUCE_ONLY],
    source="I15",
    started=False,
)
@for_each(
    mode=["one-way", "hedge"],
    leg=[PositionSide.LONG, PositionSide.SHORT],
    kind=[Kind.LIMIT, Kind.MARKET],
)
async def sides_fit_the_account_mode(
    adapter: Adapter, world: World, mode: str, leg: PositionSide, kind: Kind
) -> None:
    """Opening and closing a long or short is right in one-way and in hedge mode."""
    if kind is Kind.MARKET:
        offered(adapter, Capability.MARKET)
    hedge = mode == "hedge"
    if hedge:
        world.market.set_hedge_mode(hedge=True)
    await adapter.start()
    opening = Side.BUY if leg is PositionSide.LONG else Side.SELL
    position_side = leg if hedge else PositionSide.NET
    for side, reduce_only, expected in (
        (opening, False, world.quantity() * opening.sign),
        (opening.opposite, True, Decimal(0)),
    ):
        quote(world, side)
        request = order_of(
            world,
            side,
            ticks_away=CROSSING_TICKS,
            kind=kind,
            reduce_only=reduce_only,
            position_side=position_side,
        )
        accepted(await adapter.place(request), "an order that fits the account's mode")
        await settle(adapter, world)
        equal(
            legs(world.truth.positions()),
            {(world.symbol, position_side): expected} if expected else {},
            "an order acts on the leg it names",
        )
