"""Whether an order may enter: every check, in the venue's order, without changing anything.

Order of checks: phase, kind, position mode, client id, filters, reduce-only, open orders,
leverage cap, margin, and last what the book says (USD-M error codes, 2026-11; the order itself
is inferred).
"""

from __future__ import annotations

from typing import NamedTuple

from conformance.exchange.accounts import Account, Holding, Leg
from conformance.exchange.brackets import bracket_refusal
from conformance.exchange.groups import frozen
from conformance.exchange.margin import exposure
from conformance.exchange.market import Market
from conformance.exchange.resting import closes
from conformance.model.commands import PlaceOrder
from conformance.model.events import Cause
from conformance.model.ids import Atoms, Lots, Millis, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import (
    BUY,
    SELL,
    Kind,
    PositionSide,
    RiskControl,
    SelfTrade,
    Side,
    TimeInForce,
)
from conformance.model.refusals import Reason

ASSUMED_SLIP = (10_005, 10_000)
"""A market buy is margined at the best ask plus 0.05 % (USD-M FAQ; unverified since)."""

_EXPIRES = {
    Reason.POST_ONLY_WOULD_TAKE: Cause.POST_ONLY_WOULD_TAKE,
    Reason.FOK_NOT_FILLABLE: Cause.FOK_NOT_FILLABLE,
}
_RESTING = frozenset({TimeInForce.GTC, TimeInForce.GTD, TimeInForce.POST_ONLY})
_PARTICULAR = frozenset({TimeInForce.POST_ONLY, TimeInForce.FOK})
"""Refused for what the book holds."""
_LIMIT, _MARKET = Kind.LIMIT, Kind.MARKET
_NET, _GTD = PositionSide.NET, TimeInForce.GTD
_TRADING, _UNCONTROLLED = Phase.TRADING, RiskControl.NONE


class Ticket(NamedTuple):
    """An order that may enter, as it will enter."""

    price: Ticks | None
    limit: Ticks
    """The last price it may take at."""
    lots: Lots
    """Less than asked for when a reduce-only order was trimmed."""
    rests: bool
    """True when the remainder goes to the book."""
    cause: Cause | None = None
    """Why it expires as soon as it has entered."""


def admit(
    command: PlaceOrder, holding: Holding, at: Millis, *, whole: bool = False
) -> Ticket | Reason:
    """Return how an order enters, or why it does not.

    ``whole`` lets a closer in whatever other closers are after: they are knocked out as it fills.
    """
    market, side = holding.market, command.side
    price = _shape_refusal(command, holding.account, market, at) or _price(command, market)
    if isinstance(price, Reason):
        return price
    closing = closes(side, command.position_side, reduce_only=command.reduce_only)
    reason = filter_refusal(market, side, price, command.quantity, closing=closing)
    if reason is None and (market.control is not _UNCONTROLLED or command.bracket is not None):
        reason = _terms_refusal(command, market, price, closing=closing)
    if reason is not None:
        return reason
    leg = holding.legs[command.position_side]
    lots = _trimmed(command, leg) if closing and not whole else command.quantity
    if not lots:
        return Reason.REDUCE_ONLY_REJECTED
    rests = price is not None and command.time_in_force in _RESTING
    if rests and len(holding.open) >= market.listing.max_open_orders:
        return Reason.TOO_MANY_OPEN_ORDERS
    if not closing:
        if price is None:
            value = _assumed_value(market, side, lots)
        else:
            value = market.contract.value(price, lots)
        reason = margin_refusal(leg, side, value, lots)
    limit = market.take_limit(side) if price is None else price
    if reason is None and command.time_in_force in _PARTICULAR:
        reason = _book_refusal(command, market, limit, lots)
    if reason is None:
        return Ticket(price, limit, lots, rests)
    cause = _EXPIRES.get(reason) if command.expires else None
    return reason if cause is None else Ticket(price, limit, lots, rests, cause)


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
    reason = (
        _counter_refusal(market, side) if price is None else _price_refusal(market, side, price)
    )
    if reason is not None or closing:
        return reason
    if price is None:
        value = market.contract.value_at(market.mark, lots)
    else:
        value = market.contract.value(price, lots)
    return Reason.NOTIONAL_BELOW_MIN if value < market.min_notional else None


def margin_refusal(
    leg: Leg, side: Side, value: Atoms, lots: Lots, replaced: Atoms = 0
) -> Reason | None:
    """Check leverage cap and margin for an order worth ``value`` that may enlarge exposure.

    Needed is the growth of initial margin plus the open loss: what the order would lose at once
    at mark (USD-M FAQ, 2026-11). ``replaced`` is the value of the order it takes the place of.
    """
    holding = leg.holding
    bids, asks = leg.bids, leg.asks
    if side is BUY:
        bids += value - replaced
    else:
        asks += value - replaced
    after = exposure(leg.notional, bids, asks)
    if after <= leg.exposure:
        return None
    if after > holding.cap:
        return Reason.LEVERAGE_CAP_EXCEEDED
    market = holding.market
    at_mark = market.contract.value_at(market.mark, lots)
    loss = max(0, market.contract.direction * side.sign * (value - at_mark))
    needed = after // holding.leverage - leg.position_initial - leg.order_initial + loss
    return Reason.MARGIN_INSUFFICIENT if needed > holding.purse.free else None


def room_to_close(leg: Leg, side: Side) -> Lots:
    """Return how much of the leg no resting closer is after yet; not above zero: none."""
    return -side.sign * leg.lots - leg.closing


def _shape_refusal(
    command: PlaceOrder, account: Account, market: Market, at: Millis
) -> Reason | None:
    if market.phase is not _TRADING:
        closed = market.phase is Phase.CLOSED
        return Reason.SYMBOL_CLOSED if closed else Reason.SYMBOL_NOT_TRADING
    if command.kind is not _LIMIT and command.kind is not _MARKET:
        return Reason.UNSUPPORTED_KIND
    if command.time_in_force is _GTD and (command.expire_at is None or command.expire_at <= at):
        return Reason.EXPIRY_IN_THE_PAST
    if (command.position_side is _NET) is account.hedge:
        return Reason.POSITION_SIDE_MISMATCH
    if command.client_id in account.client_ids:
        return Reason.DUPLICATE_CLIENT_ID
    ice = account.frozen and frozen(market.holdings[account.name], command.position_side)
    return Reason.LIQUIDATING if ice else None


def _price(command: PlaceOrder, market: Market) -> Ticks | Reason | None:
    """Return the price of a limit order, None for a market order."""
    if command.match is not None:
        if command.kind is _MARKET:
            return Reason.MATCH_NOT_LIMIT
        own, level = command.match
        ladder = market.book.side(command.side) if own else market.book.against(command.side)
        price = ladder.nth(level)
        return Reason.MATCH_WITHOUT_DEPTH if price is None else price
    # A limit order without a price fails as one with a price of nothing.
    return (command.price or 0) if command.kind is _LIMIT else None


def _terms_refusal(
    command: PlaceOrder, market: Market, price: Ticks | None, *, closing: bool
) -> Reason | None:
    """Check position risk control (POSITION_RISK_CONTROL filter, 2026-11) and the bracket."""
    control, side = market.control, command.side
    if not closing:
        if control is RiskControl.BOTH:
            return Reason.SYMBOL_REDUCE_ONLY
        if control is RiskControl.BUY and side is BUY:
            return Reason.SYMBOL_REDUCE_ONLY_BUY
        if control is RiskControl.SELL and side is SELL:
            return Reason.SYMBOL_REDUCE_ONLY_SELL
    if command.bracket is None:
        return None
    return bracket_refusal(command.bracket, market, side, price, closing=closing)


def _counter_refusal(market: Market, side: Side) -> Reason | None:
    best = market.book.against(side).best()
    outside = best is not None and _price_refusal(market, side, best.price)
    return Reason.COUNTER_PRICE_OUT_OF_BAND if outside else None


def _price_refusal(market: Market, side: Side, price: Ticks) -> Reason | None:
    if price <= 0:
        return Reason.PRICE_NOT_POSITIVE
    if side is BUY:
        return Reason.PRICE_ABOVE_BAND if price > market.buy_max else None
    return Reason.PRICE_BELOW_BAND if price < market.sell_min else None


def _trimmed(command: PlaceOrder, leg: Leg) -> Lots:
    """Return what a closer may do: one-way trims it to the leg, hedge takes it whole or not."""
    room = room_to_close(leg, command.side)
    if command.quantity <= room:
        return command.quantity
    return max(0, room) if leg.position_side is PositionSide.NET else 0


def _assumed_value(market: Market, side: Side, lots: Lots) -> Atoms:
    """Return what a market order is margined at before its price is known."""
    contract = market.contract
    price = market.mark
    best = market.book.against(side).best()
    if best is not None:
        touch = best.price * contract.tick
        up, base = ASSUMED_SLIP
        price = touch * up // base if side is BUY else max(touch, price)
    return contract.value_at(price, lots)


def _book_refusal(command: PlaceOrder, market: Market, limit: Ticks, lots: Lots) -> Reason | None:
    """Check what only the book can say: post-only that would take, fill-or-kill that cannot."""
    if command.time_in_force is TimeInForce.POST_ONLY:
        takes = market.book.against(command.side).meets(limit)
        return Reason.POST_ONLY_WOULD_TAKE if takes else None
    return None if _fillable(command, market, limit, lots) else Reason.FOK_NOT_FILLABLE


def _fillable(command: PlaceOrder, market: Market, limit: Ticks, lots: Lots) -> bool:
    """Return whether the others' orders suffice, with only those closers that surely survive.

    A closer may be knocked out by fills of its owner's other orders before its turn comes.
    """
    sure = 0
    plain: dict[Leg, Lots] = {}
    closing: dict[Leg, Lots] = {}
    mode, group = command.self_trade, market.holdings[command.account].account.trade_group
    for order in market.book.against(command.side).within(limit):
        own = order.account == command.account or (group and order.trade_group == group)
        if own and mode is SelfTrade.EXPIRE_MAKER:
            continue
        if own and mode is not SelfTrade.NONE:
            break
        leg = market.holdings[order.account].legs[order.position_side]
        left = order.quantity - order.filled
        if order.order_id in leg.closers:
            closing[leg] = closing.get(leg, 0) + left
            continue
        plain[leg] = plain.get(leg, 0) + left
        sure += left
        if sure >= lots:
            return True
    for leg, left in closing.items():
        if leg.closing + plain.get(leg, 0) <= abs(leg.lots):
            sure += left
    return sure >= lots
