"""Finding an order by either id, also the stops that were taken for orders until 2025-12-09."""

from __future__ import annotations

from conformance.model.ids import AccountId
from conformance.model.orders import ConditionalStatus
from conformance.model.records import ConditionalRecord, OrderRecord
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.binance_usdm.server.params import Params, whole
from conformance.venues.binance_usdm.server.refusals import Refused, either
from conformance.venues.binance_usdm.server.waiting import as_order, stop_of


def find_order(params: Params, account: AccountId, terms: Terms, desk: Desk) -> OrderRecord | None:
    """Return the order that orderId (which wins) or origClientOrderId names.

    Raises Refused (-1102, -1119) when neither is sent.
    """
    order_id = whole(params, "orderId")
    client_id = params.get("origclientorderid", "")
    if order_id is not None:
        return by_number(order_id, account, terms, desk)
    if not client_id:
        if "origclientorderid" in params:
            raise Refused(-1119)
        raise either("orderId", "origClientOrderId")
    return by_name(client_id, account, terms, desk)


def by_number(number: int, account: AccountId, terms: Terms, desk: Desk) -> OrderRecord | None:
    """Return the order with an id, or None."""
    if number <= 0:
        return None
    order = desk.core.order(account, terms.symbol, order_id=number)
    if order is None and desk.legacy_stops:
        return _stop(desk.core.conditional(account, conditional_id=number), terms)
    return order


def by_name(name: str, account: AccountId, terms: Terms, desk: Desk) -> OrderRecord | None:
    """Return the order with a client id, or None."""
    order = desk.core.order(account, terms.symbol, client_id=name)
    if not desk.legacy_stops or (order is not None and order.status.live):
        return order
    stop = _stop(desk.core.conditional(account, client_id=name), terms)
    newer = stop is not None and (order is None or stop.created_ms > order.created_ms)
    return stop if newer else order


def waits(order: OrderRecord) -> bool:
    """Say whether an order found here is a stop that has not been triggered."""
    return order.order_id == order.conditional_id


def _stop(record: ConditionalRecord | None, terms: Terms) -> OrderRecord | None:
    if record is None or record.command.symbol != terms.symbol or not stop_of(record).legacy:
        return None
    entered = record.order is not None and record.status is not ConditionalStatus.NEW
    return record.order if entered else as_order(record)
