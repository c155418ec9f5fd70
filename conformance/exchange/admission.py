"""Whether an order may enter: every check, in the venue's order, without changing anything.

Order of checks: symbol, kind, position mode, client id, filters, reduce-only, open orders,
leverage cap, margin, and last what the book says (USD-M error codes, 2026-11; the order itself
is inferred).
"""

from __future__ import annotations

from conformance.exchange.accounts import Account, Leg
from conformance.exchange.margin import exposure
from conformance.exchange.market import Market
from conformance.model.commands import PlaceOrder
from conformance.model.ids import Atoms, Lots, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, PositionSide, Side, TimeInForce
from conformance.model.refusals import Reason

ASSUMED_SLIP = (10_005, 10_000)
"""A market buy is margined at the best ask plus 0.05 % (USD-M FAQ; unverified since)."""


def shape_refusal(
    command: PlaceOrder, account: Account, market: Market, at: Millis
) -> Reason | None:
    """Check phase, kind, lifetime, position side and client id."""
    if market.phase is not Phase.TRADING:
        closed = market.phase is Phase.CLOSED
        return Reason.SYMBOL_CLOSED if closed else Reason.SYMBOL_NOT_TRADING
    if command.kind is not Kind.LIMIT and command.kind is not Kind.MARKET:
        return Reason.UNSUPPORTED_KIND
    if command.time_in_force is TimeInForce.GTD and (
        command.expire_at is None or command.expire_at <= at
    ):
        return Reason.EXPIRY_IN_THE_PAST
    if (command.position_side is PositionSide.NET) is account.hedge:
        return Reason.POSITION_SIDE_MISMATCH
    if command.client_id in account.client_ids:
        return Reason.DUPLICATE_CLIENT_ID
    return None


def filter_refusal(
    market: Market, side: Side, price: Ticks | None, lots: Lots, *, closing: bool
) -> Reason | None:
    """Check quantity, price, band and least notional; ``price`` is None for a market order."""
    listing = market.listing
    if lots <= 0:
        return Reason.QUANTITY_NOT_POSITIVE
    if lots < listing.min_lots:
        return Reason.QUANTITY_BELOW_MIN
    if lots > (listing.market_max_lots if price is None else listing.max_lots):
        return Reason.QUANTITY_ABOVE_MAX
    if price is None:
        best = market.book.against(side).best()
        if best is not None and not market.in_band(side, best.price):
            return Reason.COUNTER_PRICE_OUT_OF_BAND
        value = market.contract.value_at(market.mark, lots)
    else:
        if price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        if not market.in_band(side, price):
            return Reason.PRICE_ABOVE_BAND if side is Side.BUY else Reason.PRICE_BELOW_BAND
        value = market.contract.value(price, lots)
    if value < market.min_notional and not closing:
        return Reason.NOTIONAL_BELOW_MIN
    return None


def room_to_close(leg: Leg, side: Side) -> Lots:
    """Return how much of the leg no resting closer is after yet; not above zero: none."""
    return -side.sign * leg.lots - leg.closing


def margin_refusal(
    leg: Leg, side: Side, value: Atoms, lots: Lots, replaced: Atoms = 0
) -> Reason | None:
    """Check leverage cap and margin for an order worth ``value`` that may enlarge exposure.

    Needed is the growth of initial margin plus the open loss: what the order would lose at once
    at mark (USD-M FAQ, 2026-11). ``replaced`` is the value of the order it takes the place of.
    """
    holding = leg.holding
    buying = side is Side.BUY
    growth = value - replaced
    after = exposure(
        leg.notional,
        leg.bids + growth if buying else leg.bids,
        leg.asks if buying else leg.asks + growth,
    )
    if after <= exposure(leg.notional, leg.bids, leg.asks):
        return None
    if after > holding.cap:
        return Reason.LEVERAGE_CAP_EXCEEDED
    market, purse = holding.market, holding.purse
    at_mark = market.contract.value_at(market.mark, lots)
    loss = max(0, market.contract.direction * side.sign * (value - at_mark))
    needed = after // holding.leverage - leg.position_initial - leg.order_initial + loss
    return Reason.MARGIN_INSUFFICIENT if needed > purse.free else None


def assumed_value(market: Market, side: Side, lots: Lots) -> Atoms:
    """Return what a market order is margined at before its price is known."""
    contract = market.contract
    best = market.book.against(side).best()
    price = market.mark
    if best is not None:
        price = best.price * contract.tick
        if side is Side.BUY:
            price = price * ASSUMED_SLIP[0] // ASSUMED_SLIP[1]
        else:
            price = max(price, market.mark)
    return contract.value_at(price, lots)


def book_refusal(command: PlaceOrder, market: Market, limit: Ticks, lots: Lots) -> Reason | None:
    """Check what only the book can say: post-only that would take, fill-or-kill that cannot."""
    ladder = market.book.against(command.side)
    if command.time_in_force is TimeInForce.POST_ONLY and ladder.meets(limit):
        return Reason.POST_ONLY_WOULD_TAKE
    if command.time_in_force is TimeInForce.FOK and (
        ladder.within(limit, command.account, lots) < lots
    ):
        return Reason.FOK_NOT_FILLABLE
    return None
