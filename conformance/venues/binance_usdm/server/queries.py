"""Reading orders and executions back.

Source: usds-margined-futures/trade Query-Order, All-Orders, Account-Trade-List, 2026-05-28;
change log 2026-08-25 (symbol optional on allOrders).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import attrgetter

from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.orders import Status
from conformance.model.records import FillRecord, OrderRecord
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS, Endpoint
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk, number_of
from conformance.venues.binance_usdm.server.finding import find_order
from conformance.venues.binance_usdm.server.params import Params, whole
from conformance.venues.binance_usdm.server.refusals import Refused, invalid, malformed
from conformance.venues.binance_usdm.server.rows import execution, queried
from conformance.venues.binance_usdm.server.waiting import as_order

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
        core, symbol = self._desk.core, terms.symbol if terms else None
        orders = list(core.open_orders(call.account, symbol))
        if self._desk.legacy_stops:
            orders += [as_order(each) for each in core.open_conditionals(call.account, symbol)]
            orders.sort(key=lambda order: order.created_ms)
        return self._rows(orders)

    def all_orders(self, call: Call) -> str:
        """GET /fapi/v1/allOrders."""
        terms = self._desk.terms_if_sent(call)
        first = whole(call.params, "orderId") or 0
        start, end = span(call.params, call.at)
        if terms is None and self._desk.switches["all_orders_symbol"] == "required":
            raise malformed("symbol")
        rows = [
            order
            for symbol in ([terms.symbol] if terms else self._desk.terms)
            for order in self._orders(call.account, symbol)
            if number_of(order) >= first
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
        rows = self._desk.core.fills(call.account, terms.symbol)
        if first is None:
            # A clock that was stepped back may disorder instants, ids never.
            rows = [fill for fill in rows if start <= fill.at <= end]
        else:
            rows = rows[bisect_left(rows, first, key=attrgetter("trade_id")) :]
        if order_id is not None:
            rows = [fill for fill in rows if fill.order_id == order_id]
        kept = limit_of(ENDPOINTS["user-trades"], params)
        chosen = rows[-kept:] if first is None and "starttime" not in params else rows[:kept]
        return f"[{','.join(execution(fill, terms, self._number(fill, call)) for fill in chosen)}]"

    def _orders(self, account: AccountId, symbol: Symbol) -> Iterator[OrderRecord]:
        core = self._desk.core
        yield from core.orders(account, symbol)
        if self._desk.legacy_stops:
            stops = core.conditionals(account, symbol)
            yield from (as_order(stop) for stop in stops if stop.order is None)

    def _number(self, fill: FillRecord, call: Call) -> int:
        """Return the id under which the order of an execution is known."""
        if not self._desk.legacy_stops:
            return fill.order_id
        order = self._desk.core.order(call.account, fill.symbol, order_id=fill.order_id)
        return fill.order_id if order is None else number_of(order)

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
