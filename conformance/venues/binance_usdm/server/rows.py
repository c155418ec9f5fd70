"""Orders and executions as JSON text, one layout per endpoint.

Source: SDK 18.1.0 models; acks lost avgPrice and cumQuote with the integration of 2026-06-24.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from conformance.model.orders import Kind, Side, Status
from conformance.model.records import FillRecord, OrderRecord
from conformance.venues.binance_usdm.server.desk import Extras, extras, name_of, number_of
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.words import (
    GAUGES,
    KINDS,
    POSITION_SIDES,
    SIDES,
    STATUSES,
    TIMES,
)
from conformance.venues.numbers import atoms_text


class Manner(NamedTuple):
    """How an order came to be, as text: a stop of before 2025-12-09 keeps what it was."""

    stop_price: str
    working: str = "CONTRACT_PRICE"
    closes: str = "false"
    protected: str = "false"
    trailing: str = ""
    """Further fields of a trailing stop."""


def manner(extra: Extras, terms: Terms) -> Manner:
    """Return how an order came to be."""
    stop = extra.stop
    if stop is None or not stop.legacy:
        return _plain(terms.zero_price)
    trailing = ""
    if stop.kind is Kind.TRAILING_STOP:
        activation = terms.price.text(stop.activation or 0)
        trailing = f',"activatePrice":"{activation}","priceRate":"{stop.callback}"'
    return Manner(
        terms.price.text(stop.trigger or 0),
        GAUGES[stop.gauge],
        "true" if stop.closes else "false",
        "true" if stop.protected else "false",
        trailing,
    )


@lru_cache(maxsize=64)
def _plain(zero_price: str) -> Manner:
    return Manner(zero_price)


def origin(order: OrderRecord, extra: Extras) -> str:
    """Return the type under which an order was placed."""
    stop = extra.stop
    return KINDS[stop.kind if stop is not None and stop.legacy else order.kind]


def status_text(order: OrderRecord) -> str:
    """Return where an order is in its life, in the venue's word."""
    status = order.status
    if status is Status.EXPIRED and extras(order).self_matched:
        return "EXPIRED_IN_MATCH"
    return STATUSES[status]


def price_text(order: OrderRecord, terms: Terms) -> str:
    """Return an order's price, zero for a market order."""
    return terms.price.text(order.price or 0)


def ack(order: OrderRecord, terms: Terms, *, fresh: bool, legacy: bool) -> str:
    """Return the acknowledgement of a new or cancelled order.

    ``fresh`` says it as it was on entry: NEW and nothing executed, whatever followed.
    """
    executed = terms.quantity.text(0 if fresh else order.filled)
    status = "NEW" if fresh else status_text(order)
    extra = extras(order)
    how = manner(extra, terms)
    older = ""
    if legacy:
        cost, filled = (0, 0) if fresh else (order.cost, order.filled)
        older = (
            f',"avgPrice":"{terms.average_text(cost, filled)}"'
            f',"cumQuote":"{terms.value_text(cost)}"'
        )
    return (
        f'{{"clientOrderId":"{name_of(order)}","cumQty":"{executed}","executedQty":"{executed}",'
        f'"orderId":{number_of(order)},"origQty":"{terms.quantity.text(order.quantity)}",'
        f'"price":"{price_text(order, terms)}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"side":"{SIDES[order.side]}",'
        f'"positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"status":"{status}",'
        f'"stopPrice":"{how.stop_price}","closePosition":{how.closes},"symbol":"{order.symbol}",'
        f'"timeInForce":"{TIMES[order.time_in_force]}","type":"{KINDS[order.kind]}",'
        f'"origType":"{origin(order, extra)}"{how.trailing},'
        f'"updateTime":{order.updated_ms},"workingType":"{how.working}",'
        f'"priceProtect":{how.protected},'
        f'"priceMatch":"{extra.price_match}","selfTradePreventionMode":"{extra.stp}",'
        f'"goodTillDate":{extra.good_till_ms}{older}}}'
    )


def amended(order: OrderRecord, terms: Terms, modify_id: int | None) -> str:
    """Return the acknowledgement of an amendment."""
    executed = terms.quantity.text(order.filled)
    extra = extras(order)
    how = manner(extra, terms)
    echoed = "" if modify_id is None else f'"modifyId":{modify_id},'
    return (
        f'{{"orderId":{number_of(order)},"symbol":"{order.symbol}","pair":"{order.symbol}",'
        f'"status":"{status_text(order)}","clientOrderId":"{order.client_id}",{echoed}'
        f'"price":"{price_text(order, terms)}",'
        f'"origQty":"{terms.quantity.text(order.quantity)}","executedQty":"{executed}",'
        f'"cumQty":"{executed}","timeInForce":"{TIMES[order.time_in_force]}",'
        f'"type":"{KINDS[order.kind]}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"closePosition":{how.closes},'
        f'"side":"{SIDES[order.side]}","positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"stopPrice":"{how.stop_price}","workingType":"{how.working}",'
        f'"priceProtect":{how.protected},'
        f'"origType":"{origin(order, extra)}","priceMatch":"{extra.price_match}",'
        f'"selfTradePreventionMode":"{extra.stp}","goodTillDate":{extra.good_till_ms},'
        f'"updateTime":{order.updated_ms}}}'
    )


def queried(order: OrderRecord, terms: Terms, *, history: bool = False) -> str:
    """Return an order as the query endpoints say it; ``history`` as allOrders does."""
    extra = extras(order)
    how = manner(extra, terms)
    executed = terms.quantity.text(order.filled)
    more = f',"pair":"{order.symbol}","cumBase":"{executed}"' if history else ""
    return (
        f'{{"avgPrice":"{terms.average_text(order.cost, order.filled)}",'
        f'"clientOrderId":"{name_of(order)}","cumQuote":"{terms.value_text(order.cost)}",'
        f'"executedQty":"{executed}","orderId":{number_of(order)},'
        f'"origQty":"{terms.quantity.text(order.quantity)}","origType":"{origin(order, extra)}",'
        f'"price":"{price_text(order, terms)}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"side":"{SIDES[order.side]}",'
        f'"positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"status":"{status_text(order)}","stopPrice":"{how.stop_price}",'
        f'"closePosition":{how.closes},"symbol":"{order.symbol}","time":{order.created_ms},'
        f'"timeInForce":"{TIMES[order.time_in_force]}","type":"{KINDS[order.kind]}"{how.trailing},'
        f'"updateTime":{order.updated_ms},"workingType":"{how.working}",'
        f'"priceProtect":{how.protected},'
        f'"priceMatch":"{extra.price_match}","selfTradePreventionMode":"{extra.stp}",'
        f'"goodTillDate":{extra.good_till_ms}{more}}}'
    )


def forced(order: OrderRecord, terms: Terms) -> str:
    """Return one row of forceOrders."""
    executed = terms.quantity.text(order.filled)
    kind = KINDS[order.kind]
    return (
        f'{{"orderId":{order.order_id},"symbol":"{order.symbol}","pair":"{order.symbol}",'
        f'"status":"{status_text(order)}","clientOrderId":"{name_of(order)}",'
        f'"price":"{price_text(order, terms)}",'
        f'"avgPrice":"{terms.average_text(order.cost, order.filled)}",'
        f'"origQty":"{terms.quantity.text(order.quantity)}","executedQty":"{executed}",'
        f'"cumQuote":"{terms.value_text(order.cost)}","cumBase":"{executed}",'
        f'"timeInForce":"{TIMES[order.time_in_force]}","type":"{kind}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"closePosition":false,'
        f'"side":"{SIDES[order.side]}","positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"stopPrice":"{terms.zero_price}","workingType":"CONTRACT_PRICE","origType":"{kind}",'
        f'"time":{order.created_ms},"updateTime":{order.updated_ms}}}'
    )


def execution(fill: FillRecord, terms: Terms, number: int) -> str:
    """Return one row of userTrades; ``number`` is the id of its order."""
    listing = terms.listing
    quantity = terms.quantity.text(fill.quantity)
    value = terms.value_text(terms.value_of(fill.price, fill.quantity))
    return (
        f'{{"buyer":{"true" if fill.side is Side.BUY else "false"},'
        f'"commission":"{atoms_text(fill.fee)}","commissionAsset":"{listing.margin_asset}",'
        f'"id":{fill.trade_id},"maker":{"true" if fill.maker else "false"},'
        f'"orderId":{number},"price":"{terms.price.text(fill.price)}","qty":"{quantity}",'
        f'"quoteQty":"{value}","baseQty":"{quantity}","marginAsset":"{listing.margin_asset}",'
        f'"realizedPnl":"{atoms_text(fill.realised)}","side":"{SIDES[fill.side]}",'
        f'"positionSide":"{POSITION_SIDES[fill.position_side]}","symbol":"{fill.symbol}",'
        f'"pair":"{fill.symbol}","time":{fill.at}}}'
    )
