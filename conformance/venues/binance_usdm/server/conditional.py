"""From the parameters of a conditional order to a command, in the venue's order of checks.

Source: usds-margined-futures/trade New-Algo-Order, 2026-05-28, change log through 2026-10-23;
nautilus_trader #4192 and #4231 (triggerPrice on a trailing stop, reduceOnly in hedge mode).
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from conformance.model.commands import PlaceConditional
from conformance.model.ids import AccountId, Lots, Millis, Ticks
from conformance.model.orders import Kind, TimeInForce
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.desk import Desk, Extras, Stop
from conformance.venues.binance_usdm.server.entry import (
    prevention,
    price_match,
    read_client_id,
    read_good_till,
    read_limit,
    read_price_match,
    read_reduce_only,
    read_stp,
    terms_of,
)
from conformance.venues.binance_usdm.server.numbers import Terms, decimal
from conformance.venues.binance_usdm.server.params import Params, truth
from conformance.venues.binance_usdm.server.refusals import (
    Refused,
    invalid,
    malformed,
    not_required,
)
from conformance.venues.binance_usdm.server.words import (
    READ_GAUGES,
    READ_KINDS,
    READ_LEGS,
    READ_SIDES,
    READ_TIMES,
)

_LIMITS = frozenset({Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT})
_CLOSERS = frozenset({Kind.STOP_MARKET, Kind.TAKE_PROFIT_MARKET})
_TYPES = frozenset(FACTS["orders"]["conditional"])
_BOUND = "GTE_GTC"
_LEAST = Decimal(FACTS["orders"]["callback_min"])
_PPM = 10_000
"""Millionths in one percent."""


class Names(NamedTuple):
    """What an endpoint calls the fields that were renamed with the move of 2025-12-09."""

    trigger: str
    activation: str
    client_id: str
    legacy: bool


ALGO = Names("triggerPrice", "activatePrice", "clientAlgoId", legacy=False)
ORDER = Names("stopPrice", "activationPrice", "newClientOrderId", legacy=True)


def is_conditional(params: Params) -> bool:
    """Say whether the type sent is one of the conditional ones."""
    return params.get("type") in _TYPES


def read_conditional(
    params: Params, account: AccountId, desk: Desk, at: Millis, names: Names
) -> PlaceConditional:
    """Return the command that a new conditional order's parameters ask for; raise Refused."""
    side = READ_SIDES.get(params.get("side", ""))
    if side is None:
        raise Refused(-1117) if params.get("side") else malformed("side")
    kind = _kind(params)
    closes = _closes(params, kind)
    _check_mandatory(params, kind, names, closes=closes)
    terms = terms_of(params, desk)
    position_side = READ_LEGS.get(params.get("positionside") or "BOTH")
    if position_side is None:
        raise Refused(-4060)
    reduce_only = not closes and read_reduce_only(params, account, desk.core)
    time_in_force, bound = _time_in_force(params)
    match = read_price_match(params, limit=kind in _LIMITS)
    stp = read_stp(params)
    if params.get("neworderresptype", "ACK") not in FACTS["orders"]["response_types"]:
        raise Refused(-1136)
    good_till = read_good_till(params, time_in_force, at)
    client_id = read_client_id(params, names.client_id, desk)
    stop = _stop(params, kind, terms, names, closes=closes, bound=bound)
    quantity: Lots = 0
    if not closes:
        quantity = terms.quantity.units(params["quantity"], "quantity", -4023)
    return PlaceConditional(
        account=account,
        symbol=terms.symbol,
        side=side,
        kind=kind,
        quantity=quantity,
        client_id=client_id,
        trigger=stop.trigger,
        price=None if match != "NONE" else _limit(params, kind, terms),
        gauge=stop.gauge,
        time_in_force=time_in_force,
        reduce_only=reduce_only,
        position_side=position_side,
        close_position=closes,
        position_bound=bound,
        protected=stop.protected,
        activation=stop.activation,
        callback_ppm=_callback(stop, desk),
        expire_at=good_till or None,
        self_trade=prevention(stp, time_in_force),
        match=price_match(match),
        tag=Extras(match, stp, good_till, stop=stop),
    )


def _kind(params: Params) -> Kind:
    name = params.get("type")
    if not name:
        raise malformed("type")
    if name not in _TYPES:
        raise Refused(-1116)
    return READ_KINDS[name]


def _closes(params: Params, kind: Kind) -> bool:
    if not params.get("closeposition"):
        return False
    closes = truth(params, "closePosition")
    if not closes:
        return False
    if kind not in _CLOSERS:
        name = params["type"]
        raise Refused(-4136, f"Target strategy invalid for orderType {name},closePosition true")
    if params.get("quantity"):
        raise Refused(-4137)
    sent = params.get("reduceonly", "").lower()
    if sent == "false":
        raise Refused(-4138)
    if sent:
        raise not_required("reduceOnly")
    return True


def _check_mandatory(params: Params, kind: Kind, names: Names, *, closes: bool) -> None:
    if not closes and not params.get("quantity"):
        raise malformed("quantity")
    if kind is Kind.TRAILING_STOP:
        if params.get(names.trigger.lower()):
            raise Refused(-2021)
        if not params.get("callbackrate"):
            raise malformed("callbackRate")
    elif not params.get(names.trigger.lower()):
        raise malformed(names.trigger)
    if kind in _LIMITS:
        if not params.get("price") and (params.get("pricematch") or "NONE") == "NONE":
            raise malformed("price")
    elif params.get("price"):
        raise not_required("price")


def _time_in_force(params: Params) -> tuple[TimeInForce, bool]:
    name = params.get("timeinforce") or "GTC"
    if name == _BOUND:
        return TimeInForce.GTC, True
    found = READ_TIMES.get(name)
    if found is None:
        raise Refused(-1115)
    return found, False


def _stop(
    params: Params, kind: Kind, terms: Terms, names: Names, *, closes: bool, bound: bool
) -> Stop:
    gauge = READ_GAUGES.get(params.get("workingtype") or "CONTRACT_PRICE")
    if gauge is None:
        raise Refused(-4031)
    protected = bool(params.get("priceprotect")) and truth(params, "priceProtect")
    trigger = activation = None
    if kind is Kind.TRAILING_STOP:
        sent = params.get(names.activation.lower())
        activation = terms.price.units(sent, names.activation, -4014) if sent else None
        if activation is not None and not 0 < activation <= terms.price_max:
            raise Refused(-4135)
    else:
        trigger = terms.price.units(params[names.trigger.lower()], names.trigger, -4014)
        if trigger <= 0:
            raise Refused(-4006)
        if trigger > terms.price_max:
            raise Refused(-4007)
    callback = params.get("callbackrate", "") if kind is Kind.TRAILING_STOP else ""
    return Stop(kind, names.legacy, trigger, gauge, closes, protected, bound, activation, callback)


def _limit(params: Params, kind: Kind, terms: Terms) -> Ticks | None:
    return read_limit(params["price"], terms) if kind in _LIMITS else None


def _callback(stop: Stop, desk: Desk) -> int:
    """Return the distance of a trailing stop in millionths, 0 for the others."""
    if not stop.callback:
        return 0
    percent = decimal(stop.callback, "callbackRate")
    if not _LEAST <= percent <= Decimal(desk.switches["callback_max"]):
        raise invalid("callbackRate")
    ppm = percent * _PPM
    if ppm != int(ppm):
        raise Refused(-1111)
    return int(ppm)
