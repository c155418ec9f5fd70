"""From the parameters of a new order to a command, in the venue's order of checks.

Source: usds-margined-futures/trade New-Order, 2026-05-28; mandatory parameters come before -4120
(binance-connector-python #483, 2026-01), the rest of the order is suggested.
"""

from __future__ import annotations

import re

from conformance.contracts.core import Core
from conformance.model.commands import PlaceOrder
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Ticks
from conformance.model.money import to_atoms
from conformance.model.orders import Kind, PositionSide, SelfTrade, Side, TimeInForce
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.desk import PLAIN, Desk, Extras
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import Params, whole
from conformance.venues.binance_usdm.server.refusals import (
    Refused,
    below_notional,
    malformed,
    not_required,
)

_FACTS = FACTS["orders"]
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_KINDS = {"LIMIT": Kind.LIMIT, "MARKET": Kind.MARKET}
_CONDITIONAL = frozenset(_FACTS["conditional"])
_TIMES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.POST_ONLY,
    "GTD": TimeInForce.GTD,
}
_POSITION_SIDES = {
    "BOTH": PositionSide.NET,
    "LONG": PositionSide.LONG,
    "SHORT": PositionSide.SHORT,
}
_CLIENT_ID = re.compile(_FACTS["client_id"], re.ASCII).fullmatch
_STP = frozenset(_FACTS["stp"])
_SELF_TRADES = {name: SelfTrade(name.lower().replace("_", "-")) for name in _STP}
_PREVENTS = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD)
"""Where self-trade prevention is effective (stp-faq, 2026-05-28)."""
_MATCHES = frozenset(_FACTS["price_match"])
_LEAD_MS: Millis = _FACTS["good_till_lead_ms"]
_LATEST_MS: Millis = _FACTS["good_till_max"]
_FILTERS = frozenset({-4002, -4013, -4014, -4023})


def read_order(params: Params, account: AccountId, desk: Desk, at: Millis) -> PlaceOrder:
    """Return the command that a new order's parameters ask for; raise Refused."""
    side = _SIDES.get(params.get("side", ""))
    if side is None:
        raise Refused(-1117) if params.get("side") else malformed("side")
    kind = _kind(params)
    time_in_force = _time_in_force(params, kind)
    if not params.get("quantity") and kind is not None:
        raise malformed("quantity")
    terms = _terms(params, desk)
    if kind is None:
        raise Refused(-4120)
    position_side = _POSITION_SIDES.get(params.get("positionside") or "BOTH")
    if position_side is None:
        raise Refused(-4060)
    reduce_only = _reduce_only(params, account, desk.core)
    chosen = _extras(params, kind, time_in_force, at)
    client_id = _client_id(params, desk)
    try:
        quantity: Lots = terms.quantity.units(params["quantity"], "quantity", -4023)
        price = _price(params, kind, side, chosen, terms, desk.core)
    except Refused as refused:
        if refused.code in _FILTERS:
            _check_before_filters(account, terms, position_side, client_id, desk.core)
        raise
    return PlaceOrder(
        account,
        terms.symbol,
        side,
        kind,
        quantity,
        price,
        client_id,
        time_in_force,
        reduce_only,
        position_side,
        chosen.good_till_ms or None,
        None if chosen is PLAIN else chosen,
        _SELF_TRADES[chosen.stp] if time_in_force in _PREVENTS else SelfTrade.NONE,
    )


def check_filters(command: PlaceOrder, terms: Terms, mark: Atoms) -> None:
    """Raise Refused for what the filters forbid, as ``order/test`` does without the engine."""
    listing, lots = terms.listing, command.quantity
    if lots <= 0:
        raise Refused(-4003)
    if lots < listing.min_lots:
        raise Refused(-4004)
    if lots > (listing.market_max_lots if command.price is None else listing.max_lots):
        raise Refused(-4005)
    price = mark
    if command.price is not None:
        if command.price <= 0:
            raise Refused(-4001)
        price = to_atoms(listing.tick * command.price)
        if command.side is Side.BUY and price > mark * listing.band_up:
            raise Refused(-4016)
        if command.side is Side.SELL and price < mark * listing.band_down:
            raise Refused(-4024)
    if price * lots * listing.step < to_atoms(listing.min_notional) and not command.reduce_only:
        raise below_notional(f"{listing.min_notional}")


def matched_price(match: str, side: Side, terms: Terms, core: Core) -> Ticks:
    """Return the price that a priceMatch mode picks; raise Refused (-5041) without depth."""
    opponent = match.startswith("OPPONENT")
    level = int(match.rpartition("_")[2]) if "_" in match else 1
    depth = core.depth(terms.symbol, level)
    levels = depth.asks if (side is Side.BUY) is opponent else depth.bids
    if len(levels) < level:
        raise Refused(-5041)
    return levels[level - 1].price


def _kind(params: Params) -> Kind | None:
    """Return the type; None for a conditional one, which another endpoint takes."""
    name = params.get("type")
    if not name:
        raise malformed("type")
    kind = _KINDS.get(name)
    if kind is None:
        if name not in _CONDITIONAL:
            raise Refused(-1116)
        if not name.startswith("TRAILING") and not params.get("stopprice"):
            raise malformed("stopPrice")
    return kind


def _time_in_force(params: Params, kind: Kind | None) -> TimeInForce:
    name = params.get("timeinforce")
    if kind is not Kind.LIMIT:
        if name and kind is Kind.MARKET:
            raise not_required("timeInForce")
        return TimeInForce.GTC
    if not name:
        raise malformed("timeInForce")
    found = _TIMES.get(name)
    if found is None:
        raise Refused(-1115)
    return found


def _terms(params: Params, desk: Desk) -> Terms:
    name = params.get("symbol")
    if not name:
        raise malformed("symbol")
    found = desk.terms.get(name) or desk.terms.get(name.upper())
    if found is None:
        raise Refused(-1121)
    return found


def _reduce_only(params: Params, account: AccountId, core: Core) -> bool:
    value = params.get("reduceonly")
    if not value:
        return False
    if core.hedge(account):
        raise not_required("reduceOnly")
    value = value.lower()
    if value not in ("true", "false"):
        raise Refused(-4062)
    return value == "true"


def _extras(params: Params, kind: Kind, time_in_force: TimeInForce, at: Millis) -> Extras:
    match = params.get("pricematch") or "NONE"
    if match != "NONE":
        if match not in _MATCHES or params.get("price"):
            raise Refused(-5037)
        if kind is Kind.MARKET:
            raise Refused(-5038)
    stp = params.get("selftradepreventionmode") or PLAIN.stp
    if stp not in _STP:
        raise Refused(-5039)
    if params.get("neworderresptype", "ACK") not in _FACTS["response_types"]:
        raise Refused(-1136)
    good_till: Millis = 0
    if time_in_force is TimeInForce.GTD:
        sent = whole(params, "goodTillDate")
        if sent is None:
            raise malformed("goodTillDate")
        if not at + _LEAD_MS < sent < _LATEST_MS:
            raise Refused(-5040)
        good_till = sent // 1000 * 1000
    if match == "NONE" and stp == PLAIN.stp and not good_till:
        return PLAIN
    return Extras(match, stp, good_till)


def _client_id(params: Params, desk: Desk) -> str:
    client_id = params.get("newclientorderid")
    if client_id is None:
        return desk.draw_client_id()
    if not client_id:
        raise Refused(-1118)
    if _CLIENT_ID(client_id) is None:
        raise Refused(-4015)
    return client_id


def _price(
    params: Params, kind: Kind, side: Side, chosen: Extras, terms: Terms, core: Core
) -> Ticks | None:
    sent = params.get("price")
    if kind is Kind.MARKET:
        if sent:
            raise not_required("price")
        return None
    if chosen.price_match != "NONE":
        return matched_price(chosen.price_match, side, terms, core)
    if not sent:
        raise malformed("price")
    price = terms.price.units(sent, "price", -4014)
    if price > terms.price_max:
        raise Refused(-4002)
    if 0 < price < terms.price_min:
        raise Refused(-4013)
    return price


def _check_before_filters(
    account: AccountId, terms: Terms, position_side: PositionSide, client_id: str, core: Core
) -> None:
    """Raise what the core would refuse before it came to the filters."""
    if (position_side is PositionSide.NET) is core.hedge(account):
        raise Refused(-4061)
    held = core.order(account, terms.symbol, client_id=client_id)
    if held is not None and held.status.live:
        raise Refused(-4116)
