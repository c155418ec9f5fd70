"""Placing, amending and cancelling orders, singly and in batches.

Source: usds-margined-futures/trade, 2026-05-28, with the integration notice of 2026-06-24.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from conformance.model.commands import (
    AmendOrder,
    CancelAll,
    CancelAllConditional,
    CancelConditional,
    CancelOrder,
    PlaceConditional,
    PlaceOrder,
)
from conformance.model.events import ConditionalAccepted, OrderAccepted
from conformance.model.ids import AccountId, Lots, Millis
from conformance.model.orders import Kind, Status, TimeInForce
from conformance.model.records import OrderRecord
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.conditional import (
    ORDER,
    is_conditional,
    read_conditional,
)
from conformance.venues.binance_usdm.server.desk import Desk, extras
from conformance.venues.binance_usdm.server.entry import matched_price, read_order
from conformance.venues.binance_usdm.server.finding import by_name, by_number, find_order, waits
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import Params, text, whole
from conformance.venues.binance_usdm.server.refusals import (
    Refused,
    below_notional,
    either,
    invalid,
    malformed,
)
from conformance.venues.binance_usdm.server.rows import ack, amended
from conformance.venues.binance_usdm.server.waiting import as_order
from conformance.venues.binance_usdm.server.words import SIDES

CANCELLED_ALL = '{"code":200,"msg":"The operation of cancel all open order is done."}'
_BATCH_MAX: int = FACTS["orders"]["batch_max"]
_CANCEL_MAX: int = FACTS["orders"]["cancel_batch_max"]
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


class Trading:
    """The order endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._legacy: bool = desk.switches["legacy_ack_fields"]

    def place(self, call: Call) -> str:
        """POST /fapi/v1/order."""
        return self._place(call.params, call.account, call.at)

    def test(self, call: Call) -> str:
        """POST /fapi/v1/order/test: every check but the engine's, and nothing happens."""
        desk = self._desk
        if is_conditional(call.params):
            stop = read_conditional(call.params, call.account, desk, call.at, ORDER)
            order = _unrecorded(stop, call.at)
        else:
            command = read_order(call.params, call.account, desk, call.at)
            desk.check_filters(command)
            order = _unrecorded(command, call.at)
        return ack(order, desk.terms[order.symbol], fresh=True, legacy=True)

    def place_batch(self, call: Call) -> str:
        """POST /fapi/v1/batchOrders: elements fail one by one, the reply is 200."""
        return self._each(call, self._place)

    def amend(self, call: Call) -> str:
        """PUT /fapi/v1/order."""
        return self._amend(call.params, call.account, call.at)

    def amend_batch(self, call: Call) -> str:
        """PUT /fapi/v1/batchOrders."""
        return self._each(call, self._amend)

    def cancel(self, call: Call) -> str:
        """DELETE /fapi/v1/order."""
        terms = self._desk.terms_of(call)
        order = find_order(call.params, call.account, terms, self._desk)
        return self._cancel(order, terms, call.at)

    def cancel_batch(self, call: Call) -> str:
        """DELETE /fapi/v1/batchOrders: up to ten ids of either kind."""
        terms = self._desk.terms_of(call)
        ids = _listed(call.params, "orderIdList")
        client_ids = _listed(call.params, "origClientOrderIdList")
        if not ids and not client_ids:
            raise either("orderIdList", "origClientOrderIdList")
        if len(ids) > _CANCEL_MAX or len(client_ids) > _CANCEL_MAX:
            raise Refused(-4032)
        desk, lower = self._desk, self._desk.switches["lower_case_names"]
        found = [by_number(_id(item), call.account, terms, desk) for item in ids] or [
            by_name(str(item), call.account, terms, desk) for item in client_ids
        ]
        rows = []
        for order in found:
            try:
                rows.append(self._cancel(order, terms, call.at))
            except Refused as refused:
                rows.append(refused.body(lower=lower).decode())
        return f"[{','.join(rows)}]"

    def cancel_all(self, call: Call) -> str:
        """DELETE /fapi/v1/allOpenOrders: 200 also when nothing is open."""
        terms = self._desk.terms_of(call)
        self._desk.carry_out(CancelAll(call.account, terms.symbol), call.at)
        if self._desk.legacy_stops:
            self._desk.carry_out(CancelAllConditional(call.account, terms.symbol), call.at)
        return CANCELLED_ALL

    def _place(self, params: Params, account: AccountId, at: Millis) -> str:
        desk = self._desk
        if desk.legacy_stops and is_conditional(params):
            return self._wait(params, account, at)
        command = read_order(params, account, desk, at)
        terms = desk.terms[command.symbol]
        first = desk.carry_out(command, at)[0]
        assert type(first) is OrderAccepted
        order = first.order
        result = params.get("neworderresptype") == "RESULT" and (
            order.kind is Kind.MARKET or order.time_in_force in _IMMEDIATE
        )
        return ack(order, terms, fresh=not result, legacy=self._legacy)

    def _wait(self, params: Params, account: AccountId, at: Millis) -> str:
        """Let a conditional order wait as an order among others, as until 2025-12-09."""
        command = read_conditional(params, account, self._desk, at, ORDER)
        terms = self._desk.terms[command.symbol]
        held = self._desk.core.order(account, command.symbol, client_id=command.client_id)
        if held is not None and held.status.live:
            raise Refused(-4116)
        first = self._desk.carry_out(command, at)[0]
        assert type(first) is ConditionalAccepted
        return ack(as_order(first.conditional), terms, fresh=True, legacy=self._legacy)

    def _cancel(self, order: OrderRecord | None, terms: Terms, at: Millis) -> str:
        if order is None:
            raise Refused(-2011)
        account, number = order.account, order.order_id
        if waits(order):
            self._desk.carry_out(CancelConditional(account, number), at)
            order.status = Status.CANCELLED
        else:
            self._desk.carry_out(CancelOrder(account, order.symbol, number), at)
        return ack(order, terms, fresh=False, legacy=self._legacy)

    def _amend(self, params: Params, account: AccountId, at: Millis) -> str:
        desk = self._desk
        side = text(params, "side")
        quantity_sent = text(params, "quantity")
        terms = _named(params, desk)
        match = params.get("pricematch") or "NONE"
        if match == "NONE":
            text(params, "price")
        elif params.get("price") or match not in FACTS["orders"]["price_match"]:
            raise Refused(-5037)
        order = find_order(params, account, terms, desk)
        if order is None:
            raise Refused(desk.switches["amend_unknown"])
        if waits(order):
            raise Refused(-5025)
        if SIDES[order.side] != side:
            raise invalid("side")
        quantity = terms.quantity.units(quantity_sent, "quantity", -4023)
        price = (
            terms.price.units(params["price"], "price", -4014)
            if match == "NONE"
            else matched_price(match, order.side, terms, desk.core)
        )
        _check_reduce_only(params, order, terms, price, quantity)
        modify_id = whole(params, "modifyId")
        before, order.tag = (
            order.tag,
            extras(order)._replace(price_match=match, modify_id=modify_id),
        )
        try:
            desk.carry_out(AmendOrder(account, terms.symbol, order.order_id, price, quantity), at)
        except Refused:
            order.tag = before
            raise
        return amended(order, terms, modify_id)

    def _each(self, call: Call, act: Callable[[Params, AccountId, Millis], str]) -> str:
        lower = self._desk.switches["lower_case_names"]
        rows = []
        for element in _elements(call.params):
            try:
                rows.append(act(element, call.account, call.at))
            except Refused as refused:
                rows.append(refused.body(lower=lower).decode())
        return f"[{','.join(rows)}]"


def _named(params: Params, desk: Desk) -> Terms:
    found = desk.terms.get(text(params, "symbol").upper())
    if found is None:
        raise Refused(-1121)
    return found


def _check_reduce_only(
    params: Params, order: OrderRecord, terms: Terms, price: int, quantity: Lots
) -> None:
    """Check the flag of an amendment, which never changes the order (change log, 2026-09-10)."""
    sent = params.get("reduceonly", "").lower()
    if sent == "true":
        if not order.reduce_only:
            raise Refused(-5047)
        return
    if sent not in ("", "false"):
        raise Refused(-4062)
    least = terms.listing.min_notional
    if order.reduce_only and terms.value_of(price, quantity) < least * 10**8:
        raise below_notional(f"{least}", -5029)


def _unrecorded(command: PlaceOrder | PlaceConditional, at: Millis) -> OrderRecord:
    return OrderRecord(
        order_id=0,
        client_id=command.client_id,
        account=command.account,
        symbol=command.symbol,
        side=command.side,
        kind=command.kind,
        time_in_force=command.time_in_force,
        quantity=command.quantity,
        price=command.price,
        reduce_only=command.reduce_only,
        position_side=command.position_side,
        created_ms=at,
        updated_ms=at,
        tag=command.tag,
    )


def _elements(params: Params) -> list[Params]:
    """Return the elements of a batch; numbers and booleans may come as JSON or as text."""
    found = _json(text(params, "batchOrders"), "batchOrders")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise invalid("batchOrders")
    if not 1 <= len(found) <= _BATCH_MAX:
        raise Refused(-4082)
    return [_flattened(item) for item in found]


def _flattened(element: Mapping[str, Any]) -> Params:
    return {
        name.lower(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in element.items()
        if value is not None
    }


def _listed(params: Params, name: str) -> list[object]:
    sent = params.get(name.lower())
    if not sent:
        return []
    found = _json(sent, name)
    if not isinstance(found, list):
        raise invalid(name)
    return found


def _json(sent: str, name: str) -> object:
    try:
        found: object = orjson.loads(sent)
    except orjson.JSONDecodeError:
        raise invalid(name) from None
    return found


def _id(item: object) -> int:
    """Return an element of orderIdList; -1 (no such order) for what is no id."""
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise malformed("orderIdList")
    shown = str(item)
    return int(shown) if shown.isascii() and shown.isdigit() and int(shown) else -1
