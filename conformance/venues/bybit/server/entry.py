"""From the parameters of a new order to a command.

Source: docs/v5/order/create-order, 2026-07-24.
"""

from __future__ import annotations

import re

from conformance.model.commands import PlaceOrder
from conformance.model.ids import AccountId
from conformance.model.orders import Kind, TimeInForce
from conformance.model.refusals import Reason
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.server.answers import Refused, invalid, refused
from conformance.venues.bybit.server.desk import Desk, Extras
from conformance.venues.bybit.server.params import Params, optional, text, truth, whole
from conformance.venues.bybit.server.words import (
    READ_INDEXES,
    READ_KINDS,
    READ_SELF_TRADES,
    READ_SIDES,
    READ_TIMES,
)

_LINK_ID = re.compile(FACTS["orders"]["link_id"], re.ASCII).fullmatch


def read_order(params: Params, account: AccountId, desk: Desk) -> PlaceOrder:
    """Return the command that a new order's parameters ask for; raise Refused."""
    terms = desk.terms_of(params)
    side, kind = READ_SIDES.get(text(params, "side")), READ_KINDS.get(text(params, "orderType"))
    if side is None:
        raise invalid("side")
    if kind is None:
        raise invalid("orderType")
    time_in_force = READ_TIMES.get(optional(params, "timeInForce") or "GTC")
    if time_in_force is None:
        raise invalid("timeInForce")
    position_side = READ_INDEXES.get(whole(params, "positionIdx"))
    if position_side is None:
        raise refused(Reason.POSITION_SIDE_MISMATCH)
    smp = optional(params, "smpType") or "None"
    if smp not in READ_SELF_TRADES:
        raise invalid("smpType")
    limit = kind is Kind.LIMIT
    return PlaceOrder(
        account=account,
        symbol=terms.symbol,
        side=side,
        kind=kind,
        quantity=terms.read_quantity(text(params, "qty")),
        price=terms.read_price(text(params, "price")) if limit else None,
        client_id=read_link_id(params),
        time_in_force=time_in_force if limit else TimeInForce.IOC,
        reduce_only=truth(params, "reduceOnly"),
        position_side=position_side,
        tag=Extras(smp=smp, close_on_trigger=truth(params, "closeOnTrigger")),
        self_trade=READ_SELF_TRADES[smp],
        expires=True,
    )


def read_link_id(params: Params) -> str:
    """Return ``orderLinkId``, empty when none was sent; raise Refused (10001) for a bad one."""
    link_id = optional(params, "orderLinkId")
    if link_id and _LINK_ID(link_id) is None:
        raise Refused(10001, "orderLinkId invalid")
    return link_id
