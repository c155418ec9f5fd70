"""Placing, amending and cancelling orders, singly and in batches.

An acknowledgement says that the gateway took the message; what became of it is told on the
streams and by queries (docs/v5/order/create-order, amend-order, cancel-order, cancel-all and
batch-place, 2026-07-24).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from conformance.model.commands import (
    AmendConditional,
    AmendOrder,
    Bracket,
    CancelConditional,
    CancelOrder,
    PlaceOrder,
)
from conformance.model.events import Cause, ConditionalAccepted, OrderAccepted, OrderCancelled
from conformance.model.ids import AccountId, Millis
from conformance.model.money import from_atoms
from conformance.model.orders import MarginMode, Status, TimeInForce
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.listings import INVERSE
from conformance.venues.bybit.server.answers import Answer, Refused, invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import (
    STOP,
    TOO_LATE_TO_REPLACE,
    Desk,
    Extras,
    extras,
    line_of,
    stop_of,
)
from conformance.venues.bybit.server.entry import WHICH, read_gauge, read_order, read_price
from conformance.venues.bybit.server.finding import Found, find, live, opened
from conformance.venues.bybit.server.params import Params, optional
from conformance.venues.bybit.server.terms import Terms

_BATCH_MAX: int = FACTS["orders"]["batch_max"]
_CANCEL_MAX: int = FACTS["orders"]["cancel_all_max"]
_FILTERS = ("", "Order", "StopOrder", "OpenOrder")


class Trading:
    """The order endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def create(self, call: Call) -> Answer:
        """POST /v5/order/create."""
        return Answer(self._create(call.params, call.account, call.at))

    def amend(self, call: Call) -> Answer:
        """POST /v5/order/amend."""
        return Answer(self._amend(call.params, call.account, call.at))

    def cancel(self, call: Call) -> Answer:
        """POST /v5/order/cancel."""
        return Answer(self._cancel(call.params, call.account, call.at))

    def create_batch(self, call: Call) -> Answer:
        """POST /v5/order/create-batch: items fail one by one, the reply is a success."""
        return self._each(call, self._create, {"createAt": str(call.at)})

    def amend_batch(self, call: Call) -> Answer:
        """POST /v5/order/amend-batch: not for conditional orders."""
        return self._each(call, self._amend_resting, {})

    def cancel_batch(self, call: Call) -> Answer:
        """POST /v5/order/cancel-batch."""
        return self._each(call, self._cancel, {})

    def cancel_all(self, call: Call) -> Answer:
        """POST /v5/order/cancel-all: one of symbol, baseCoin and settleCoin is wanted."""
        params = call.params
        if not any(optional(params, name) for name in ("symbol", "baseCoin", "settleCoin")):
            raise invalid("symbol or baseCoin or settleCoin")
        kinds = optional(params, "orderFilter")
        if kinds not in _FILTERS:
            raise invalid("orderFilter")
        only_stops = optional(params, "stopOrderType") == STOP
        symbols = [terms.symbol for terms in self._desk.terms_in(params)]
        chosen = [
            found
            for found in opened(call.account, symbols, self._desk)
            if _wanted(found, kinds) and not (only_stops and not _is_stop(found))
        ][:_CANCEL_MAX]
        rows = [_ack(found, self._desk) for found in chosen]
        for found in chosen:
            if live(found):  # the end of one may have ended another
                self._end(found, call.at)
        return Answer({"list": rows, "success": "1"})

    def pre_check(self, call: Call) -> Answer:
        """POST /v5/order/pre-check: margin before and after, in 1e-4; nothing happens.

        A refusal names the order that would have been.
        """
        try:
            return self._checked(call)
        except Refused as why:
            link = str(call.params.get("orderLinkId", ""))
            named = {"future_order_id": "", "future_order_link_id": link}
            ext = {**named, **why.answer.ext}
            raise Refused(why.code, why.answer.text, ext=ext) from None

    def _checked(self, call: Call) -> Answer:
        desk, account = self._desk, call.account
        command = read_order(call.params, account, desk)
        terms = desk.terms[command.symbol]
        mode = desk.core.margin_mode(account, command.symbol)
        if not isinstance(command, PlaceOrder) or mode is MarginMode.ISOLATED:
            raise Refused(110032)
        if terms.category == INVERSE:
            raise Refused(10001, "Illegal category")
        purse, listing = desk.core.balance(account, terms.coin), terms.listing
        mark = from_atoms(desk.core.mark(terms.symbol))
        price = listing.prices.value(command.price) if command.price else mark
        value = terms.value(price, command.quantity)
        initial = value / desk.core.leverage(account, command.symbol)
        maintenance = value * listing.tiers[0].maintenance_rate
        funds = purse.margin_balance
        post_initial = _share(purse.initial_margin + initial, funds)
        post_maintenance = _share(purse.maintenance_margin + maintenance, funds)
        if initial > purse.available:
            ext = {"post_imr_e4": post_initial, "post_mmr_e4": post_maintenance}
            raise Refused(110007, ext=ext)
        return Answer(
            {
                "orderId": "",
                "orderLinkId": command.client_id,
                "preImrE4": _share(purse.initial_margin, funds),
                "preMmrE4": _share(purse.maintenance_margin, funds),
                "postImrE4": post_initial,
                "postMmrE4": post_maintenance,
            }
        )

    def _create(self, params: Params, account: AccountId, at: Millis) -> dict[str, Any]:
        command = read_order(params, account, self._desk)
        first = self._desk.carry_out(command, at)[0]
        if isinstance(first, ConditionalAccepted):
            return _ack(first.conditional, self._desk)
        assert type(first) is OrderAccepted
        return _ack(first.order, self._desk)

    def _amend(self, params: Params, account: AccountId, at: Millis) -> dict[str, Any]:
        found = self._found(params, account, TOO_LATE_TO_REPLACE)
        if self._changes_exits(found, params):
            raise Refused(110060)
        if isinstance(found, ConditionalRecord):
            self._amend_waiting(found, params, at)
        else:
            self._amend_open(found, params, at)
        return _ack(found, self._desk)

    def _changes_exits(self, found: Found, params: Params) -> bool:
        """Say whether an amendment wants other exits than an order carries already."""
        bracket = None if isinstance(found, ConditionalRecord) else found.bracket
        carried = bracket or Bracket()
        terms = self._desk.terms_of(params)
        for which, present in (("tp", carried.take_profit), ("sl", carried.stop_loss)):
            trigger, limit = optional(params, WHICH[which][0]), f"{which}LimitPrice"
            price = optional(params, limit)
            if present is None:
                if trigger not in ("", "0"):
                    return True
                continue
            if trigger and terms.read_price(trigger, WHICH[which][0]) != present.trigger:
                return True
            if price and terms.read_price(price, limit) != (present.price or 0):
                return True
        return False

    def _amend_resting(self, params: Params, account: AccountId, at: Millis) -> dict[str, Any]:
        found = self._found(params, account, TOO_LATE_TO_REPLACE)
        if isinstance(found, ConditionalRecord):
            raise Refused(110032)
        return self._amend(params, account, at)

    def _amend_open(self, order: OrderRecord, params: Params, at: Millis) -> None:
        terms, price = self._desk.terms[order.symbol], order.price or 0
        sent, quantity = optional(params, "price"), order.quantity
        if sent:
            price = read_price(sent, order.side, terms, self._desk, order.account)
        if optional(params, "qty"):
            quantity = terms.read_quantity(optional(params, "qty"))
            if quantity <= order.filled:
                raise Refused(110064)
        command = AmendOrder(order.account, order.symbol, order.order_id, price, quantity)
        if order.time_in_force is TimeInForce.POST_ONLY and self._takes(order, terms, price):
            if self._desk.switches["post_only_amend"] == "refuse":
                raise Refused(110032)
            order.tag = extras(order)._replace(ended=Cause.POST_ONLY_WOULD_TAKE)
            self._end(order, at)
            return
        self._desk.carry_out(command, at)

    def _takes(self, order: OrderRecord, terms: Terms, price: int) -> bool:
        """Say whether an order at a new price would meet the other side of the book."""
        depth = self._desk.core.depth(terms.symbol, 1)
        if order.side.sign > 0:
            return bool(depth.asks) and price >= depth.asks[0].price
        return bool(depth.bids) and price <= depth.bids[0].price

    def _amend_waiting(self, record: ConditionalRecord, params: Params, at: Millis) -> None:
        command, terms = record.command, self._desk.terms[record.command.symbol]
        trigger, price, quantity = command.trigger or 0, command.price, command.quantity
        if optional(params, "triggerBy") and read_gauge(params, "triggerBy") is not command.gauge:
            raise invalid("triggerBy")
        if optional(params, "triggerPrice"):
            trigger = terms.read_price(optional(params, "triggerPrice"), "triggerPrice")
        if optional(params, "price") and price is not None:
            sent = optional(params, "price")
            price = read_price(sent, command.side, terms, self._desk, command.account)
        if optional(params, "qty"):
            quantity = terms.read_quantity(optional(params, "qty"))
        before = command.tag
        assert isinstance(before, Extras)
        # The order's own row shows the trigger from its extras, so both move together; an exit that
        # is changed is not bound to its pair any more (docs/v5/position/trading-stop, 2026-07-24).
        record.command = command._replace(tag=before._replace(trigger=trigger, pair=0))
        change = AmendConditional(command.account, record.conditional_id, trigger, price, quantity)
        try:
            self._desk.carry_out(change, at)
        except Refused:
            record.command = record.command._replace(tag=before)
            raise

    def _cancel(self, params: Params, account: AccountId, at: Millis) -> dict[str, Any]:
        late = self._late(params, account)
        if late is not None:
            self._desk.publish((OrderCancelled(late),), at)
            return _ack(late, self._desk)
        found = self._found(params, account)
        self._end(found, at)
        return _ack(found, self._desk)

    def _late(self, params: Params, account: AccountId) -> OrderRecord | None:
        """Return the filled order whose cancellation is acknowledged as if it raced the fill."""
        if self._desk.switches["late_cancel"] == "refuse":
            return None
        terms = self._desk.terms_of(params)
        found = find(params, account, (terms.symbol,), self._desk)
        if isinstance(found, OrderRecord) and found.status is Status.FILLED:
            return found
        return None

    def _end(self, found: Found, at: Millis) -> None:
        if isinstance(found, ConditionalRecord):
            command = CancelConditional(found.command.account, found.conditional_id)
            self._desk.carry_out(command, at)
        else:
            self._desk.carry_out(CancelOrder(found.account, found.symbol, found.order_id), at)

    def _found(self, params: Params, account: AccountId, text: str = "") -> Found:
        """Return the live order that a request names; raise Refused (10001, 110001)."""
        terms = self._desk.terms_of(params)
        found = find(params, account, (terms.symbol,), self._desk)
        if found is None or not live(found):
            raise Refused(110001, text)
        return found

    def _each(
        self,
        call: Call,
        act: Callable[[Params, AccountId, Millis], dict[str, Any]],
        more: Mapping[str, Any],
    ) -> Answer:
        """Answer a batch: what the rate does not let pass fails, its neighbours do not."""
        line_of(call.params)
        rows: list[Mapping[str, Any]] = []
        told: list[Mapping[str, Any]] = []
        for number, sent in enumerate(_elements(call.params)):
            params = {**sent, "category": call.category}
            row: dict[str, Any] = {"category": call.category, "symbol": optional(sent, "symbol")}
            try:
                acted = act if number < call.granted else _too_many
                row |= {**acted(params, call.account, call.at), **more}
                told.append({"code": 0, "msg": "OK"})
            except Refused as refused:
                row |= {name: optional(sent, name) for name in ("orderId", "orderLinkId")}
                row |= dict.fromkeys(more, "")
                told.append({"code": refused.code, "msg": refused.answer.text})
            rows.append(row)
        return Answer({"list": rows}, {"list": told})


def _share(margin: Decimal, funds: Decimal) -> int:
    """Return a margin rate in 1e-4; nothing of nothing is nothing."""
    return int(margin / funds * 10_000) if funds else 0


def _too_many(_params: Params, _account: AccountId, _at: Millis) -> dict[str, Any]:
    raise Refused(10006)


def _elements(params: Params) -> Sequence[Params]:
    found = params.get("request")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise invalid("request")
    if not 0 < len(found) <= _BATCH_MAX:
        raise Refused(10001, f"The number of orders exceeds the maximum of {_BATCH_MAX}")
    return found


def _ack(found: Found, desk: Desk) -> dict[str, Any]:
    if isinstance(found, ConditionalRecord):
        return {"orderId": desk.ids.conditional(found), "orderLinkId": found.command.client_id}
    return {"orderId": desk.ids.order(found), "orderLinkId": found.client_id}


def _wanted(found: Found, kinds: str) -> bool:
    """Say whether ``orderFilter`` means an order."""
    waits = isinstance(found, ConditionalRecord)
    return not kinds or waits is (kinds == "StopOrder")


def _is_stop(found: Found) -> bool:
    return isinstance(found, ConditionalRecord) and stop_of(found) == STOP
