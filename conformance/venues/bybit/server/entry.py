"""From the parameters of a new order to a command.

Source: docs/v5/order/create-order, 2026-07-24; messages as captured 2023 to 2026.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from conformance.model.commands import Bracket, Exit, PlaceConditional, PlaceOrder, PriceMatch
from conformance.model.ids import AccountId, Lots, Ticks
from conformance.model.money import from_atoms
from conformance.model.orders import Gauge, Kind, PositionSide, Side, TimeInForce
from conformance.model.refusals import Reason
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server import slippage
from conformance.venues.bybit.server.answers import Refused, invalid, refused
from conformance.venues.bybit.server.band import fitted
from conformance.venues.bybit.server.desk import STOP, UNITS, Desk, Extras, stop_of
from conformance.venues.bybit.server.params import Params, optional, text, truth, whole
from conformance.venues.bybit.server.slippage import Tolerance
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.bybit.server.words import (
    GAUGES,
    READ_GAUGES,
    READ_INDEXES,
    READ_KINDS,
    READ_SELF_TRADES,
    READ_SIDES,
    READ_TIMES,
    SIDES,
)
from conformance.venues.numbers import is_plain

_LINK_ID = re.compile(FACTS["orders"]["link_id"], re.ASCII).fullmatch
_CONDITIONALS_MAX: int = FACTS["orders"]["conditionals_max"]
RISES, FALLS = 1, 2
"""triggerDirection."""
FULL, PARTIAL = "Full", "Partial"
"""tpslMode: of the whole position, or of a part of it."""
WHICH = {"tp": ("takeProfit", "TakeProfit"), "sl": ("stopLoss", "StopLoss")}
"""Parameter and stopOrderType of either exit."""
_OPENS = {PositionSide.LONG: Side.BUY, PositionSide.SHORT: Side.SELL}
_LEVELS = range(1, 6)
_STOPS = {True: Kind.STOP_LIMIT, False: Kind.STOP_MARKET}
_PROFITS = {True: Kind.TAKE_PROFIT_LIMIT, False: Kind.TAKE_PROFIT_MARKET}


class Ticket(NamedTuple):
    """What every kind of order has."""

    account: AccountId
    terms: Terms
    side: Side
    limit: bool
    quantity: Lots
    price: Ticks | None
    link: str
    time_in_force: TimeInForce
    reduce_only: bool
    position_side: PositionSide
    extra: Extras


def read_order(params: Params, account: AccountId, desk: Desk) -> PlaceOrder | PlaceConditional:
    """Return the command that a new order's parameters ask for; raise Refused."""
    ticket = _ticket(params, account, desk)
    if optional(params, "triggerPrice"):
        return _conditional(params, ticket, desk)
    ticket = ticket._replace(quantity=_fitted(ticket, desk))
    tolerance = slippage.read(params, limit=ticket.limit)
    if not ticket.limit:
        _check_market(ticket, desk)
    if tolerance is not None:
        ticket = _bounded(ticket, tolerance, desk)
    return PlaceOrder(
        account=account,
        symbol=ticket.terms.symbol,
        side=ticket.side,
        kind=Kind.LIMIT if ticket.limit else Kind.MARKET,
        quantity=ticket.quantity,
        price=ticket.price,
        client_id=ticket.link,
        time_in_force=ticket.time_in_force,
        reduce_only=ticket.reduce_only,
        position_side=ticket.position_side,
        tag=ticket.extra,
        self_trade=READ_SELF_TRADES[ticket.extra.smp],
        match=_match(params),
        bracket=_bracket(params, ticket),
        expires=True,
    )


def read_gauge(params: Params, name: str) -> Gauge:
    """Return the price that a trigger watches; raise Refused (10001) for one that is none."""
    gauge = READ_GAUGES.get(optional(params, name) or "LastPrice")
    if gauge is None:
        raise invalid(name)
    return gauge


def read_leg(params: Params, account: AccountId, desk: Desk) -> PositionSide:
    """Return ``positionIdx``; raise Refused (10001) when the account is in the other mode."""
    leg = READ_INDEXES.get(whole(params, "positionIdx"))
    if leg is None or (leg is PositionSide.NET) is desk.core.hedge(account):
        raise refused(Reason.POSITION_SIDE_MISMATCH)
    return leg


def read_price(sent: str, side: Side, terms: Terms, desk: Desk, account: AccountId) -> Ticks:
    """Return a limit price on its grid and inside of its band; raise Refused."""
    price, listing = _on_grid(sent, terms, desk), terms.listing
    if not listing.min_price <= listing.prices.value(price) <= listing.max_price:
        raise Refused(110003)
    return fitted(price, side, terms, desk, clamps=desk.config(account).clamps)


def _on_grid(sent: str, terms: Terms, desk: Desk) -> Ticks:
    """Return a limit price in ticks; one between two ticks is refused, or rounded by the switch."""
    if desk.switches["off_tick"] == "round" and is_plain(sent):
        return terms.listing.prices.floor(Decimal(sent))
    return terms.read_price(sent)


def _ticket(params: Params, account: AccountId, desk: Desk) -> Ticket:
    terms = desk.terms_of(params)
    side, kind = READ_SIDES.get(text(params, "side")), READ_KINDS.get(text(params, "orderType"))
    if side is None:
        raise invalid("side")
    if kind is None:
        raise invalid("orderType")
    leg = read_leg(params, account, desk)
    link = _link(params, account, desk)
    smp = optional(params, "smpType") or "None"
    if smp not in READ_SELF_TRADES:
        raise invalid("smpType")
    limit = kind is Kind.LIMIT
    own_price = limit and not optional(params, "bboSideType")
    price = text(params, "price") if own_price else ""
    return Ticket(
        account=account,
        terms=terms,
        side=side,
        limit=limit,
        quantity=_quantity(params, account, terms, leg, desk, limit=limit),
        price=read_price(price, side, terms, desk, account) if own_price else None,
        link=link,
        time_in_force=_time_in_force(params, limit=limit),
        reduce_only=_reduces(params, account, terms, side, leg, desk),
        position_side=leg,
        extra=Extras(
            smp=smp,
            close_on_trigger=truth(params, "closeOnTrigger"),
            last=terms.listing.prices.floor(from_atoms(desk.core.last(terms.symbol))),
            reduces=_flagged(params),
        ),
    )


def _time_in_force(params: Params, *, limit: bool) -> TimeInForce:
    name = optional(params, "timeInForce") or "GTC"
    if name == "RPI":
        raise Refused(110119)
    found = READ_TIMES.get(name)
    if found is None:
        raise invalid("timeInForce")
    return found if limit else TimeInForce.IOC


def _link(params: Params, account: AccountId, desk: Desk) -> str:
    """Return ``orderLinkId``, empty when none was sent; raise Refused for a bad or a used one."""
    link = optional(params, "orderLinkId")
    if not link:
        return ""
    if _LINK_ID(link) is None:
        raise Refused(10001, "orderLinkId invalid")
    used = desk.core.conditional(account, client_id=link) or any(
        desk.core.order(account, symbol, client_id=link) for symbol in desk.terms
    )
    if used:
        raise Refused(110072)
    return link


def _quantity(
    params: Params,
    account: AccountId,
    terms: Terms,
    leg: PositionSide,
    desk: Desk,
    *,
    limit: bool,
) -> Lots:
    """Return the quantity; zero closes the whole leg, up to the greatest order."""
    lots = terms.read_quantity(text(params, "qty"))
    if lots or not (truth(params, "reduceOnly") and truth(params, "closeOnTrigger")):
        return lots
    held = abs(desk.core.stake(account, terms.symbol, leg).lots)
    return min(held, terms.listing.max_lots if limit else terms.listing.market_max_lots)


def _flagged(params: Params) -> bool:
    """Say whether an order was sent as one that only reduces."""
    return truth(params, "reduceOnly") or truth(params, "closeOnTrigger")


def _reduces(
    params: Params, account: AccountId, terms: Terms, side: Side, leg: PositionSide, desk: Desk
) -> bool:
    """Return whether an order only reduces; raise Refused (110017) when there is nothing to.

    A leg of the hedge mode is closed by the side that did not open it, flag or not.
    """
    flagged = _flagged(params)
    closes = leg is not PositionSide.NET and _OPENS[leg] is not side
    if not (flagged or closes) or optional(params, "triggerPrice"):
        return flagged and leg is PositionSide.NET
    held = desk.core.stake(account, terms.symbol, leg).lots
    if not held or (flagged and not closes and leg is not PositionSide.NET):
        raise Refused(110017)
    if held * side.sign > 0:
        raise Refused(110017, "reduce-only order has same side with current position")
    return leg is PositionSide.NET


def _fitted(ticket: Ticket, desk: Desk) -> Lots:
    """Return the quantity, which for one that closes the leg of a hedge is what is left of it.

    Without the flag that is the switch's choice; the core trims what reduces a one-way position.
    """
    leg, lots = ticket.position_side, ticket.quantity
    trims = ticket.extra.reduces or desk.switches["hedge_overclose"] == "trim"
    if leg is PositionSide.NET or _OPENS[leg] is ticket.side or not trims:
        return lots
    symbol = ticket.terms.symbol
    closers = [
        order.quantity - order.filled
        for order in desk.core.open_orders(ticket.account, symbol)
        if (order.position_side, order.side) == (leg, ticket.side)
    ]
    left = abs(desk.core.stake(ticket.account, symbol, leg).lots) - sum(closers)
    return min(lots, left) if left > 0 else lots


def _check_market(ticket: Ticket, desk: Desk) -> None:
    """Raise Refused when there is no opposite order at all, or none near enough to the mark."""
    terms, core = ticket.terms, desk.core
    depth = core.depth(terms.symbol, 1)
    buys = ticket.side is Side.BUY
    others = depth.asks if buys else depth.bids
    if not others:
        raise Refused(110118)
    mark, bound = from_atoms(core.mark(terms.symbol)), terms.listing.market_take_bound
    best = terms.listing.prices.value(others[0].price)
    limit = mark * (1 + bound * ticket.side.sign)
    if (best > limit) if buys else (best < limit):
        figures = f"{int(limit * UNITS)},{int(mark * UNITS)}"
        raise Refused(10001, f"{SIDES[ticket.side].lower()}: [{figures}] invalid")


def _bracket(params: Params, ticket: Ticket) -> Bracket | None:
    """Return the exits that an order carries, or None."""
    mode = optional(params, "tpslMode") or FULL
    if mode not in (FULL, PARTIAL):
        raise invalid("tpslMode")
    rises = ticket.side is Side.BUY
    found = Bracket(
        _exit(params, "tp", ticket, mode, rises=rises),
        _exit(params, "sl", ticket, mode, rises=not rises),
        early=mode == PARTIAL,
    )
    return None if found.take_profit is found.stop_loss else found


def _exit(params: Params, which: str, ticket: Ticket, mode: str, *, rises: bool) -> Exit | None:
    """Return the take-profit ("tp") or stop-loss ("sl") of an order; limits are for Partial."""
    name, word = WHICH[which]
    sent = optional(params, name)
    if not sent or sent == "0":
        return None
    limited = optional(params, f"{which}OrderType") == "Limit"
    if limited and mode == FULL:
        raise invalid(f"{which}OrderType")
    trigger = ticket.terms.read_price(sent, name)
    limit = text(params, f"{which}LimitPrice") if limited else ""
    gauge = read_gauge(params, f"{which}TriggerBy")
    return Exit(
        trigger=trigger,
        price=ticket.terms.read_price(limit, f"{which}LimitPrice") if limit else None,
        gauge=gauge,
        tag=exit_extra(
            word if mode == FULL else PARTIAL + word, trigger, gauge, rises=rises
        )._replace(parent=ticket.link, last=ticket.extra.last),
    )


def exit_extra(stop: str, trigger: Ticks, gauge: Gauge, *, rises: bool) -> Extras:
    """Return the extras of an order that leaves a position for its owner."""
    return Extras(
        created_by=f"CreateBy{stop}",
        stop=stop,
        close_on_trigger=True,
        reduces=True,
        trigger=trigger,
        trigger_by=gauge,
        direction=RISES if rises else FALLS,
    )


def _match(params: Params) -> PriceMatch | None:
    """Return where the price of an order comes from, None when it has one of its own."""
    side = optional(params, "bboSideType")
    if not side:
        return None
    level = whole(params, "bboLevel", 1)
    if side not in ("Queue", "Counterparty"):
        raise invalid("bboSideType")
    if level not in _LEVELS:
        raise invalid("bboLevel")
    return PriceMatch(side == "Queue", level)


def _bounded(ticket: Ticket, tolerance: Tolerance, desk: Desk) -> Ticket:
    """Return a market order as what it is for the book: an immediate one with a last price."""
    if ticket.quantity > ticket.terms.listing.market_max_lots:
        raise refused(Reason.QUANTITY_ABOVE_MAX)
    return ticket._replace(
        limit=True,
        price=slippage.last_price(tolerance, ticket.side, ticket.terms, desk),
        extra=ticket.extra._replace(tolerance=(tolerance.kind, tolerance.text)),
    )


def _conditional(params: Params, ticket: Ticket, desk: Desk) -> PlaceConditional:
    """Return an order that waits for its trigger; raise Refused."""
    if any(optional(params, name) not in ("", "0") for name in ("takeProfit", "stopLoss")):
        raise Refused(110057)
    slippage.refuse(params)
    terms, side = ticket.terms, ticket.side
    trigger = terms.read_price(text(params, "triggerPrice"), "triggerPrice")
    _check_crowd(ticket, desk)
    direction = whole(params, "triggerDirection")
    if direction not in (RISES, FALLS):
        raise invalid("triggerDirection")
    gauge = read_gauge(params, "triggerBy")
    check_direction(trigger, gauge, terms, desk, rises=direction == RISES)
    with_it = (direction == RISES) is (side is Side.BUY)
    return PlaceConditional(
        account=ticket.account,
        symbol=terms.symbol,
        side=side,
        kind=(_STOPS if with_it else _PROFITS)[ticket.limit],
        quantity=ticket.quantity,
        client_id=ticket.link,
        trigger=trigger,
        price=ticket.price,
        gauge=gauge,
        time_in_force=ticket.time_in_force,
        reduce_only=ticket.reduce_only,
        position_side=ticket.position_side,
        self_trade=READ_SELF_TRADES[ticket.extra.smp],
        tag=ticket.extra._replace(
            stop=STOP, trigger=trigger, trigger_by=gauge, direction=direction
        ),
    )


def _check_crowd(ticket: Ticket, desk: Desk) -> None:
    """Raise Refused (110009) when as many conditional orders wait already as may."""
    waiting = desk.core.open_conditionals(ticket.account, ticket.terms.symbol)
    stops = [each for each in waiting if stop_of(each) == STOP]
    if len(stops) >= _CONDITIONALS_MAX:
        raise Refused(110009)


def check_direction(trigger: Ticks, gauge: Gauge, terms: Terms, desk: Desk, *, rises: bool) -> None:
    """Raise Refused (110092, 110093) when the price is already beyond a trigger."""
    core, symbol = desk.core, terms.symbol
    ask = {Gauge.LAST: core.last, Gauge.MARK: core.mark, Gauge.INDEX: core.index}[gauge]
    present, wanted = ask(symbol), int(terms.listing.tick * UNITS) * trigger
    if rises and wanted <= present:
        words = f"expect Rising, but trigger_price[{wanted}] <= current[{present}]"
        raise Refused(110092, f"{words}??{GAUGES[gauge]}")
    if not rises and wanted >= present:
        words = f"expect Falling, but trigger_price[{wanted}] >= current[{present}]"
        raise Refused(110093, f"{words}??{GAUGES[gauge]}")
