"""Reading orders and executions back.

Source: usds-margined-futures/trade Query-Order, All-Orders, Account-Trade-List, 2026-05-28;
change log 2026-08-25 (symbol optional on allOrders).
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.model.ids import Millis
from conformance.model.orders import Status
from conformance.model.records import OrderRecord
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS, Endpoint
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.params import Params, whole
from conformance.venues.binance_usdm.server.refusals import Refused, invalid
from conformance.venues.binance_usdm.server.rows import execution, queried
from conformance.venues.binance_usdm.server.trading import find_order

_BARE_MS: Millis = FACTS["orders"]["retention_bare_ms"]
_KEPT_MS: Millis = FACTS["orders"]["retention_ms"]
_WEEK_MS: Millis = 7 * 24 * 3600 * 1000
_ENDED_UNFILLED = (Status.CANCELLED, Status.EXPIRED)
_LONGEST = "Maximum time interval is 7 days."


class Queries:
    """The endpoints that read orders."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def order(self, call: Call) -> str:
        """GET /fapi/v1/order."""
        terms = self._desk.terms_of(call)
        order = find_order(call.params, call.account, terms, self._desk)
        if order is None or _forgotten(order, call.at):
            raise Refused(-2013)
        return queried(order, terms)

    def open_order(self, call: Call) -> str:
        """GET /fapi/v1/openOrder."""
        terms = self._desk.terms_of(call)
        order = find_order(call.params, call.account, terms, self._desk)
        if order is None or order.status.terminal:
            raise Refused(-2013)
        return queried(order, terms)

    def open_orders(self, call: Call) -> str:
        """GET /fapi/v1/openOrders."""
        terms = self._desk.terms_if_sent(call)
        orders = self._desk.core.open_orders(call.account, terms.symbol if terms else None)
        return self._rows(orders)

    def all_orders(self, call: Call) -> str:
        """GET /fapi/v1/allOrders."""
        terms = self._desk.terms_if_sent(call)
        first = whole(call.params, "orderId") or 0
        start, end = span(call.params, call.at)
        rows = [
            order
            for symbol in ([terms.symbol] if terms else self._desk.terms)
            for order in self._desk.core.orders(call.account, symbol)
            if order.order_id >= first
            and start <= order.created_ms <= end
            and not _forgotten(order, call.at)
        ]
        rows.sort(key=lambda order: order.created_ms)
        kept = limit_of(ENDPOINTS["all-orders"], call.params)
        chosen = rows[:kept] if first or "starttime" in call.params else rows[-kept:]
        return self._rows(chosen, history=True)

    def user_trades(self, call: Call) -> str:
        """GET /fapi/v1/userTrades."""
        terms = self._desk.terms_of(call)
        params = call.params
        order_id = whole(params, "orderId")
        first = whole(params, "fromId")
        if first is not None and ("starttime" in params or "endtime" in params):
            raise Refused(-1128)
        start, end = span(params, call.at)
        rows = [
            fill
            for fill in self._desk.core.fills(call.account, terms.symbol)
            if (order_id is None or fill.order_id == order_id)
            and (start <= fill.at <= end if first is None else fill.trade_id >= first)
        ]
        kept = limit_of(ENDPOINTS["user-trades"], params)
        chosen = rows[-kept:] if first is None and "starttime" not in params else rows[:kept]
        return f"[{','.join(execution(fill, terms) for fill in chosen)}]"

    def _rows(self, orders: Iterable[OrderRecord], *, history: bool = False) -> str:
        terms = self._desk.terms
        rows = (queried(order, terms[order.symbol], history=history) for order in orders)
        return f"[{','.join(rows)}]"


def limit_of(endpoint: Endpoint, params: Params) -> int:
    """Return the ``limit`` in force; raise Refused when the one sent is out of bounds."""
    rule = endpoint.limit
    assert rule is not None
    sent = whole(params, "limit")
    if sent is None:
        default: int = rule["default"]
        return default
    allowed = sent in rule["values"] if "values" in rule else 1 <= sent <= rule["max"]
    if not allowed:
        raise invalid("limit") if rule["code"] == -1130 else Refused(rule["code"])
    return sent


def span(params: Params, at: Millis) -> tuple[Millis, Millis]:
    """Return startTime and endTime, at most seven days apart; the last seven days by default."""
    start, end = whole(params, "startTime"), whole(params, "endTime")
    if start is None:
        last = at if end is None else end
        return last - _WEEK_MS, last
    if end is None:
        return start, start + _WEEK_MS
    if start > end:
        raise Refused(-1023)
    if end - start > _WEEK_MS:
        raise Refused(-4165, _LONGEST)
    return start, end


def _forgotten(order: OrderRecord, at: Millis) -> bool:
    """Say whether an order has left the venue's memory: 3 days without a fill, 90 days else."""
    if not order.status.terminal:
        return False
    bare = order.status in _ENDED_UNFILLED and not order.filled
    return at - order.updated_ms > (_BARE_MS if bare else _KEPT_MS)
