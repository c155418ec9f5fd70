"""Conditional orders as JSON text: rows of the algo endpoints, and ALGO_UPDATE.

Source: usds-margined-futures/trade New-Algo-Order and Query-Algo-Order, user-data-streams
Event-Algo-Order-Update, 2026-05-28; SDK 18.1.0 and production captures of 2026-04 for the
queries, which carry the union of what either shows.
"""

from __future__ import annotations

from conformance.model.ids import Lots, Millis, Ticks
from conformance.model.orders import ConditionalStatus, Kind, Status, TimeInForce
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.venues.binance_usdm.facts import ERRORS
from conformance.venues.binance_usdm.server.desk import PLAIN, Extras, Stop
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.refusals import code_of
from conformance.venues.binance_usdm.server.words import (
    GAUGES,
    KINDS,
    POSITION_SIDES,
    SIDES,
    TIMES,
    WAITING,
)

_BOUND = "GTE_GTC"
_NOTHING = Stop(Kind.STOP_MARKET, legacy=False)
_ENDS = {
    ConditionalStatus.CANCELLED: Status.CANCELLED,
    ConditionalStatus.EXPIRED: Status.EXPIRED,
    ConditionalStatus.REJECTED: Status.EXPIRED,
}


def extras_of(record: ConditionalRecord) -> Extras:
    """Return what the dialect keeps with a conditional order."""
    tag = record.command.tag
    return tag if isinstance(tag, Extras) else PLAIN


def stop_of(record: ConditionalRecord) -> Stop:
    """Return what made an order conditional; one placed from outside the wire has its own."""
    stop = extras_of(record).stop
    if stop is not None:
        return stop
    command = record.command
    return _NOTHING._replace(
        kind=command.kind,
        trigger=command.trigger,
        gauge=command.gauge,
        closes=command.close_position,
        protected=command.protected,
        bound=command.position_bound,
        activation=command.activation,
        callback=f"{command.callback_ppm / 10_000:g}" if command.callback_ppm else "",
    )


def as_order(record: ConditionalRecord) -> OrderRecord:
    """Return a waiting order as the plain order it was taken for until 2025-12-09."""
    command = record.command
    return OrderRecord(
        order_id=record.conditional_id,
        client_id=command.client_id,
        account=command.account,
        symbol=command.symbol,
        side=command.side,
        kind=command.kind,
        time_in_force=command.time_in_force,
        quantity=command.quantity,
        price=command.price,
        reduce_only=command.reduce_only or command.close_position,
        position_side=command.position_side,
        created_ms=record.created_ms,
        updated_ms=record.updated_ms,
        status=_ENDS.get(record.status, Status.OPEN),
        tag=command.tag,
        conditional_id=record.conditional_id,
    )


def placed(record: ConditionalRecord, terms: Terms) -> str:
    """Return the acknowledgement of a new conditional order."""
    stop = stop_of(record)
    activation = "" if stop.activation is None else terms.price.text(stop.activation)
    return (
        f"{{{_head(record, terms)},{_prices(record, terms)},"
        f'"activatePrice":"{activation}","callbackRate":"{stop.callback}",{_times(record)}}}'
    )


def queried(record: ConditionalRecord, terms: Terms) -> str:
    """Return a conditional order as the queries say it."""
    order = record.order
    number, average, filled, kind = "", terms.average_text(0, 0), "", ""
    if order is not None:
        number = str(order.order_id)
        average = terms.average_text(order.cost, order.filled)
        filled, kind = terms.quantity.text(order.filled), KINDS[order.kind]
    nothing = terms.zero_price
    return (
        f'{{{_head(record, terms)},"actualOrderId":"{number}","actualPrice":"{average}",'
        f'"actualQty":"{filled}","actualType":"{kind}",{_prices(record, terms)},'
        f'"tpTriggerPrice":"{nothing}","tpPrice":"{nothing}","slTriggerPrice":"{nothing}",'
        f'"slPrice":"{nothing}","tpOrderType":"",{_times(record)}}}'
    )


def update(
    record: ConditionalRecord, status: ConditionalStatus, terms: Terms, at: Millis, *, active: bool
) -> str:
    """Return one ALGO_UPDATE; ``active``: it waits for its trigger, not for its activation."""
    command, stop, extra, order = record.command, stop_of(record), extras_of(record), record.order
    number, average, filled, kind = "", terms.average_text(0, 0), terms.average_text(0, 0), "0"
    if order is not None and status in _ENTERED:
        number, kind = str(order.order_id), KINDS[order.kind]
        if status is ConditionalStatus.FINISHED:
            average = terms.average_text(order.cost, order.filled)
            filled = terms.quantity.text(order.filled)
    why = f',"rm":"{reason(record)}"' if status in _EXPLAINED else ""
    return (
        f'{{"e":"ALGO_UPDATE","T":{at},"E":{at},"o":{{"caid":"{command.client_id}",'
        f'"aid":{record.conditional_id},"at":"CONDITIONAL","o":"{KINDS[command.kind]}",'
        f'"s":"{command.symbol}","S":"{SIDES[command.side]}",'
        f'"ps":"{POSITION_SIDES[command.position_side]}","f":"{_in_force(record)}",'
        f'"q":"{terms.quantity.text(command.quantity)}","X":"{WAITING[status]}","ai":"{number}",'
        f'"ap":"{average}","aq":"{filled}","act":"{kind}","tp":"{_text(stop.trigger, terms)}",'
        f'"p":"{_text(command.price, terms)}","V":"{extra.stp}","wt":"{GAUGES[stop.gauge]}",'
        f'"pm":"{extra.price_match}","cp":{_bool(stop.closes)},"pP":{_bool(stop.protected)},'
        f'"R":{_bool(command.reduce_only)},"tt":{record.triggered_ms or 0},'
        f'"gtd":{extra.good_till_ms}{why},"ia":{_bool(active)}}}}}'
    )


def reason(record: ConditionalRecord) -> str:
    """Return why a conditional order came to nothing, in the venue's words."""
    if record.reason is None:
        return ""
    return ERRORS[code_of(record.reason)].text.replace('"', "'")


_ENTERED = frozenset({ConditionalStatus.TRIGGERED, ConditionalStatus.FINISHED})
_EXPLAINED = frozenset({ConditionalStatus.REJECTED, ConditionalStatus.EXPIRED})


def _head(record: ConditionalRecord, terms: Terms) -> str:
    command = record.command
    return (
        f'"algoId":{record.conditional_id},"clientAlgoId":"{command.client_id}",'
        f'"algoType":"CONDITIONAL","orderType":"{KINDS[command.kind]}",'
        f'"symbol":"{command.symbol}","side":"{SIDES[command.side]}",'
        f'"positionSide":"{POSITION_SIDES[command.position_side]}",'
        f'"timeInForce":"{_in_force(record)}","quantity":"{_quantity(command.quantity, terms)}",'
        f'"algoStatus":"{WAITING[record.status]}"'
    )


def _prices(record: ConditionalRecord, terms: Terms) -> str:
    command, stop, extra = record.command, stop_of(record), extras_of(record)
    return (
        f'"triggerPrice":"{_text(stop.trigger, terms)}","price":"{_text(command.price, terms)}",'
        f'"icebergQuantity":null,"selfTradePreventionMode":"{extra.stp}",'
        f'"workingType":"{GAUGES[stop.gauge]}","priceMatch":"{extra.price_match}",'
        f'"closePosition":{_bool(stop.closes)},"priceProtect":{_bool(stop.protected)},'
        f'"reduceOnly":{_bool(command.reduce_only)}'
    )


def _times(record: ConditionalRecord) -> str:
    return (
        f'"createTime":{record.created_ms},"updateTime":{record.updated_ms},'
        f'"triggerTime":{record.triggered_ms or 0},"goodTillDate":{extras_of(record).good_till_ms}'
    )


def _in_force(record: ConditionalRecord) -> str:
    command = record.command
    if command.position_bound and command.time_in_force is TimeInForce.GTC:
        return _BOUND
    return TIMES[command.time_in_force]


def _quantity(lots: Lots, terms: Terms) -> str:
    return terms.quantity.text(lots)


def _text(price: Ticks | None, terms: Terms) -> str:
    return terms.price.text(price or 0)


def _bool(value: bool) -> str:  # noqa: FBT001 - one value
    return "true" if value else "false"
