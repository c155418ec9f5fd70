"""Orders and executions as JSON text, one layout per endpoint.

Source: SDK 18.1.0 models; acks lost avgPrice and cumQuote with the integration of 2026-06-24.
"""

from __future__ import annotations

from conformance.model.orders import Kind, PositionSide, Side, Status, TimeInForce
from conformance.model.records import FillRecord, OrderRecord
from conformance.venues.binance_usdm.server.desk import extras
from conformance.venues.binance_usdm.server.numbers import Terms, atoms_text

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
KINDS = {Kind.LIMIT: "LIMIT", Kind.MARKET: "MARKET"}
TIMES = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "GTX",
    TimeInForce.GTD: "GTD",
}
POSITION_SIDES = {
    PositionSide.NET: "BOTH",
    PositionSide.LONG: "LONG",
    PositionSide.SHORT: "SHORT",
}
STATUSES = {
    Status.OPEN: "NEW",
    Status.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELLED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
}


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
    # Plain comparisons: the hash of an enumeration member is a Python call.
    kind = "LIMIT" if order.kind is Kind.LIMIT else "MARKET"
    side = "BUY" if order.side is Side.BUY else "SELL"
    time = order.time_in_force
    until = "GTC" if time is TimeInForce.GTC else TIMES[time]
    leg = order.position_side
    extra = extras(order)
    older = ""
    if legacy:
        cost, filled = (0, 0) if fresh else (order.cost, order.filled)
        older = (
            f',"avgPrice":"{terms.average_text(cost, filled)}"'
            f',"cumQuote":"{terms.value_text(cost)}"'
        )
    return (
        f'{{"clientOrderId":"{order.client_id}","cumQty":"{executed}","executedQty":"{executed}",'
        f'"orderId":{order.order_id},"origQty":"{terms.quantity.text(order.quantity)}",'
        f'"price":"{price_text(order, terms)}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"side":"{side}",'
        f'"positionSide":"{"BOTH" if leg is PositionSide.NET else POSITION_SIDES[leg]}",'
        f'"status":"{status}",'
        f'"stopPrice":"{terms.zero_price}","closePosition":false,"symbol":"{order.symbol}",'
        f'"timeInForce":"{until}","type":"{kind}","origType":"{kind}",'
        f'"updateTime":{order.updated_ms},"workingType":"CONTRACT_PRICE","priceProtect":false,'
        f'"priceMatch":"{extra.price_match}","selfTradePreventionMode":"{extra.stp}",'
        f'"goodTillDate":{extra.good_till_ms}{older}}}'
    )


def amended(order: OrderRecord, terms: Terms, modify_id: int | None) -> str:
    """Return the acknowledgement of an amendment."""
    executed = terms.quantity.text(order.filled)
    kind = KINDS[order.kind]
    extra = extras(order)
    echoed = "" if modify_id is None else f'"modifyId":{modify_id},'
    return (
        f'{{"orderId":{order.order_id},"symbol":"{order.symbol}","pair":"{order.symbol}",'
        f'"status":"{status_text(order)}","clientOrderId":"{order.client_id}",{echoed}'
        f'"price":"{price_text(order, terms)}",'
        f'"origQty":"{terms.quantity.text(order.quantity)}","executedQty":"{executed}",'
        f'"cumQty":"{executed}","timeInForce":"{TIMES[order.time_in_force]}","type":"{kind}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"closePosition":false,'
        f'"side":"{SIDES[order.side]}","positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"stopPrice":"{terms.zero_price}","workingType":"CONTRACT_PRICE","priceProtect":false,'
        f'"origType":"{kind}","priceMatch":"{extra.price_match}",'
        f'"selfTradePreventionMode":"{extra.stp}","goodTillDate":{extra.good_till_ms},'
        f'"updateTime":{order.updated_ms}}}'
    )


def queried(order: OrderRecord, terms: Terms, *, history: bool = False) -> str:
    """Return an order as the query endpoints say it; ``history`` as allOrders does."""
    kind = KINDS[order.kind]
    extra = extras(order)
    executed = terms.quantity.text(order.filled)
    more = f',"pair":"{order.symbol}","cumBase":"{executed}"' if history else ""
    return (
        f'{{"avgPrice":"{terms.average_text(order.cost, order.filled)}",'
        f'"clientOrderId":"{order.client_id}","cumQuote":"{terms.value_text(order.cost)}",'
        f'"executedQty":"{executed}","orderId":{order.order_id},'
        f'"origQty":"{terms.quantity.text(order.quantity)}","origType":"{kind}",'
        f'"price":"{price_text(order, terms)}",'
        f'"reduceOnly":{"true" if order.reduce_only else "false"},"side":"{SIDES[order.side]}",'
        f'"positionSide":"{POSITION_SIDES[order.position_side]}",'
        f'"status":"{status_text(order)}","stopPrice":"{terms.zero_price}",'
        f'"closePosition":false,"symbol":"{order.symbol}","time":{order.created_ms},'
        f'"timeInForce":"{TIMES[order.time_in_force]}","type":"{kind}",'
        f'"updateTime":{order.updated_ms},"workingType":"CONTRACT_PRICE","priceProtect":false,'
        f'"priceMatch":"{extra.price_match}","selfTradePreventionMode":"{extra.stp}",'
        f'"goodTillDate":{extra.good_till_ms}{more}}}'
    )


def execution(fill: FillRecord, terms: Terms) -> str:
    """Return one row of userTrades."""
    listing = terms.listing
    quantity = terms.quantity.text(fill.quantity)
    value = terms.value_text(terms.value_of(fill.price, fill.quantity))
    return (
        f'{{"buyer":{"true" if fill.side is Side.BUY else "false"},'
        f'"commission":"{atoms_text(fill.fee)}","commissionAsset":"{listing.margin_asset}",'
        f'"id":{fill.trade_id},"maker":{"true" if fill.maker else "false"},'
        f'"orderId":{fill.order_id},"price":"{terms.price.text(fill.price)}","qty":"{quantity}",'
        f'"quoteQty":"{value}","baseQty":"{quantity}","marginAsset":"{listing.margin_asset}",'
        f'"realizedPnl":"{atoms_text(fill.realised)}","side":"{SIDES[fill.side]}",'
        f'"positionSide":"{POSITION_SIDES[fill.position_side]}","symbol":"{fill.symbol}",'
        f'"pair":"{fill.symbol}","time":{fill.at}}}'
    )
