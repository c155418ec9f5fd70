"""From the parameters of a new order to a command, in the venue's order of checks.

Source: usds-margined-futures/trade New-Order, 2026-05-28; mandatory parameters come before -4120
(binance-connector-python #483, 2026-01), the rest of the order is suggested.
"""

from __future__ import annotations

import re

from conformance.contracts.core import Core
from conformance.model.commands import PlaceOrder, PriceMatch
from conformance.model.ids import AccountId, Lots, Millis, Ticks
from conformance.model.orders import Kind, PositionSide, SelfTrade, Side, TimeInForce
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.desk import PLAIN, Desk, Extras
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import Params, whole
from conformance.venues.binance_usdm.server.refusals import (
    Refused,
    malformed,
    not_required,
)
from conformance.venues.binance_usdm.server.words import (
    READ_KINDS,
    READ_LEGS,
    READ_SELF_TRADES,
    READ_SIDES,
    READ_TIMES,
)

_FACTS = FACTS["orders"]
_TRIGGERED = frozenset(_FACTS["conditional"]) - {"TRAILING_STOP_MARKET"}
"""Types that want a stopPrice."""
_CLIENT_ID = re.compile(_FACTS["client_id"], re.ASCII).fullmatch
_STP = frozenset(_FACTS["stp"])
_PREVENTS = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD)
"""Where self-trade prevention is effective (stp-faq, 2026-05-28)."""
_PRICE_MATCHES: dict[str, PriceMatch | None] = {"NONE": None} | {
    name: PriceMatch(name.startswith("QUEUE"), int(name.rpartition("_")[2]) if "_" in name else 1)
    for name in _FACTS["price_match"]
    if name != "NONE"
}
_PLAIN_KINDS = (Kind.LIMIT, Kind.MARKET)
_LEAD_MS: Millis = _FACTS["good_till_lead_ms"]
_LATEST_MS: Millis = _FACTS["good_till_max"]
_FILTERS = frozenset({-4002, -4013, -4014, -4023})


def read_order(params: Params, account: AccountId, desk: Desk, at: Millis) -> PlaceOrder:
    """Return the command that a new order's parameters ask for; raise Refused."""
    side = READ_SIDES.get(params.get("side", ""))
    if side is None:
        raise Refused(-1117) if params.get("side") else malformed("side")
    kind = _kind(params)
    time_in_force = _time_in_force(params, kind)
    plain = kind in _PLAIN_KINDS
    if plain and not params.get("quantity"):
        raise malformed("quantity")
    terms = terms_of(params, desk)
    if not plain:
        raise Refused(-4120)
    position_side = READ_LEGS.get(params.get("positionside") or "BOTH")
    if position_side is None:
        raise Refused(-4060)
    reduce_only = read_reduce_only(params, account, desk.core)
    chosen = _extras(params, kind, time_in_force, at)
    client_id = read_client_id(params, "newClientOrderId", desk)
    try:
        quantity: Lots = terms.quantity.units(params["quantity"], "quantity", -4023)
        price = None if chosen.price_match != "NONE" else _price(params, kind, terms)
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
        prevention(chosen.stp, time_in_force),
        price_match(chosen.price_match),
        None,
        desk.expiring.get(time_in_force, False),
    )


def prevention(stp: str, time_in_force: TimeInForce) -> SelfTrade:
    """Return how an order prevents self-trades; some times in force do not."""
    return READ_SELF_TRADES[stp] if time_in_force in _PREVENTS else SelfTrade.NONE


def price_match(name: str) -> PriceMatch | None:
    """Return where the price of an order comes from, None when it has one of its own."""
    return _PRICE_MATCHES[name]


def matched_price(match: str, side: Side, terms: Terms, core: Core) -> Ticks:
    """Return the price that a priceMatch mode picks; raise Refused (-5041) without depth."""
    found = _PRICE_MATCHES[match]
    assert found is not None
    own, level = found
    depth = core.depth(terms.symbol, level)
    levels = depth.bids if (side is Side.BUY) is own else depth.asks
    if len(levels) < level:
        raise Refused(-5041)
    return levels[level - 1].price


def _kind(params: Params) -> Kind:
    """Return the type; a conditional one wants its trigger before it is refused here."""
    name = params.get("type")
    if not name:
        raise malformed("type")
    kind = READ_KINDS.get(name)
    if kind is None:
        raise Refused(-1116)
    if name in _TRIGGERED and not params.get("stopprice"):
        raise malformed("stopPrice")
    return kind


def _time_in_force(params: Params, kind: Kind) -> TimeInForce:
    name = params.get("timeinforce")
    if kind is not Kind.LIMIT:
        if name and kind is Kind.MARKET:
            raise not_required("timeInForce")
        return TimeInForce.GTC
    if not name:
        raise malformed("timeInForce")
    found = READ_TIMES.get(name)
    if found is None:
        raise Refused(-1115)
    return found


def terms_of(params: Params, desk: Desk) -> Terms:
    """Return the instrument that parameters name; raise Refused (-1102, -1121)."""
    name = params.get("symbol")
    if not name:
        raise malformed("symbol")
    found = desk.terms.get(name) or desk.terms.get(name.upper())
    if found is None:
        raise Refused(-1121)
    return found


def read_reduce_only(params: Params, account: AccountId, core: Core) -> bool:
    """Return ``reduceOnly``; raise Refused (-1106) in hedge mode, whatever its value."""
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
    match = read_price_match(params, limit=kind is Kind.LIMIT)
    stp = read_stp(params)
    if params.get("neworderresptype", "ACK") not in _FACTS["response_types"]:
        raise Refused(-1136)
    good_till = read_good_till(params, time_in_force, at)
    if match == "NONE" and stp == PLAIN.stp and not good_till:
        return PLAIN
    return Extras(match, stp, good_till)


def read_price_match(params: Params, *, limit: bool) -> str:
    """Return ``priceMatch``; raise Refused for one that is none, or that may not stand there."""
    match = params.get("pricematch") or "NONE"
    if match == "NONE":
        return match
    if match not in _PRICE_MATCHES or params.get("price"):
        raise Refused(-5037)
    if not limit:
        raise Refused(-5038)
    return match


def read_stp(params: Params) -> str:
    """Return ``selfTradePreventionMode``; raise Refused (-5039) for one that is none."""
    stp = params.get("selftradepreventionmode") or PLAIN.stp
    if stp not in _STP:
        raise Refused(-5039)
    return stp


def read_good_till(params: Params, time_in_force: TimeInForce, at: Millis) -> Millis:
    """Return ``goodTillDate`` in whole seconds, 0 unless it is good till a date."""
    if time_in_force is not TimeInForce.GTD:
        return 0
    sent = whole(params, "goodTillDate")
    if sent is None:
        raise malformed("goodTillDate")
    if not at + _LEAD_MS < sent < _LATEST_MS:
        raise Refused(-5040)
    return sent // 1000 * 1000


def read_client_id(params: Params, name: str, desk: Desk) -> str:
    """Return the client id sent under ``name``, or a fresh one."""
    client_id = params.get(name.lower())
    if client_id is None:
        return desk.draw_client_id()
    if not client_id:
        raise Refused(-1118)
    if _CLIENT_ID(client_id) is None:
        raise Refused(-4015)
    return client_id


def read_limit(sent: str, terms: Terms) -> Ticks:
    """Return a limit price on its grid and within its filter."""
    price = terms.price.units(sent, "price", -4014)
    if price > terms.price_max:
        raise Refused(-4002)
    if 0 < price < terms.price_min:
        raise Refused(-4013)
    return price


def _price(params: Params, kind: Kind, terms: Terms) -> Ticks | None:
    sent = params.get("price")
    if kind is Kind.MARKET:
        if sent:
            raise not_required("price")
        return None
    if not sent:
        raise malformed("price")
    return read_limit(sent, terms)


def _check_before_filters(
    account: AccountId, terms: Terms, position_side: PositionSide, client_id: str, core: Core
) -> None:
    """Raise what the core would refuse before it came to the filters."""
    if (position_side is PositionSide.NET) is core.hedge(account):
        raise Refused(-4061)
    held = core.order(account, terms.symbol, client_id=client_id)
    if held is not None and held.status.live:
        raise Refused(-4116)
