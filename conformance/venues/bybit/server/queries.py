"""Asking for orders, executions and what closing brought.

Source: docs/v5/order/open-order, order-list, execution and position/close-pnl, 2026-07-24. Rows
come newest first; an id makes all other filters void.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from conformance.model.ids import Millis, Symbol
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.listings import LINEAR
from conformance.venues.bybit.server.answers import Answer, invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk, category_of, line_of
from conformance.venues.bybit.server.diary import Charge, Execution
from conformance.venues.bybit.server.finding import Found, ended, find, opened
from conformance.venues.bybit.server.pages import page
from conformance.venues.bybit.server.params import Params, optional, whole
from conformance.venues.bybit.server.rows import (
    Face,
    closed_row,
    delivery_row,
    face_of,
    order_row,
    told_row,
)
from conformance.venues.candles import DAY

T = TypeVar("T")

_ORDERS = FACTS["orders"]
_RECENT_MAX: int = _ORDERS["recent_max"]
_HIDDEN_MS: Millis = _ORDERS["hidden_ms"]
_SPAN_MS: Millis = _ORDERS["span_ms"]
_MONTH_MS: Millis = 30 * DAY
_DELIVERY = "Delivery"
_ANCHORS = ("symbol", "baseCoin", "settleCoin")
_IDS = ("orderId", "orderLinkId")


class Queries:
    """The endpoints that tell what became of orders."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def realtime(self, call: Call) -> Answer:
        """GET /v5/order/realtime: what is open, or (``openOnly`` 1) what was closed lately."""
        params = call.params
        only = whole(params, "openOnly")
        if only not in (0, 1):
            raise invalid("openOnly")
        if _names_one(params):
            return self._faces(call, self._one(call))
        if line_of(params) == LINEAR and not any(optional(params, name) for name in _ANCHORS):
            raise invalid("symbol or settleCoin or baseCoin")
        look = ended if only else opened
        faces = self._newest(look(call.account, self._symbols(params), self._desk))
        return self._faces(call, faces[:_RECENT_MAX] if only else faces)

    def history(self, call: Call) -> Answer:
        """GET /v5/order/history: closed orders; what never filled is forgotten after a day."""
        params = call.params
        if _names_one(params):
            past = [f for f in self._one(call) if not f.live and _kept(f, call.at)]
            return self._faces(call, past, _past_row)
        start, end = window(params, call.at)
        status = optional(params, "orderStatus")
        found = self._newest(ended(call.account, self._symbols(params), self._desk))
        return self._faces(
            call,
            [
                face
                for face in found
                if start <= face.created_ms <= end
                and status in ("", face.status)
                and _kept(face, call.at)
            ],
            _past_row,
        )

    def executions(self, call: Call) -> Answer:
        """GET /v5/execution/list: fills and fundings."""
        params = call.params
        kept = self._desk.diary.executions[call.account]
        if _names_one(params):
            face = next(iter(self._one(call)), None)
            chosen = [each for each in kept if _number(each, self._desk) == (face and face.number)]
        else:
            symbols, kind = self._symbols(params), optional(params, "execType")
            start, end = window(params, call.at)
            chosen = [
                each
                for each in kept
                if _symbol(each) in symbols
                and start <= _at(each) <= end
                and kind in ("", "Funding" if isinstance(each, Charge) else each.kind)
            ]
        return self._list(call, chosen[::-1], lambda each: told_row(each, self._desk))

    def closed_pnl(self, call: Call) -> Answer:
        """GET /v5/position/closed-pnl: one row for every order that closed something."""
        params = call.params
        category_of(params)
        symbols = self._symbols(params)
        start, end = window(params, call.at)
        orders: dict[int, list[Execution]] = {}
        for each in self._desk.diary.executions[call.account]:
            if isinstance(each, Execution) and each.closed and each.fill.symbol in symbols:
                orders.setdefault(id(each.order), []).append(each)
        chosen = [rows for rows in orders.values() if start <= rows[-1].fill.at <= end]
        return self._list(call, chosen[::-1], lambda rows: closed_row(rows, self._desk))

    def deliveries(self, call: Call) -> Answer:
        """GET /v5/asset/delivery-record: of the last thirty days unless told otherwise."""
        params, symbols = call.params, self._symbols({**call.params, "settleCoin": ""})
        start = whole(params, "startTime", call.at - _MONTH_MS)
        end = whole(params, "endTime", call.at)
        chosen = [
            each
            for each in self._desk.diary.executions[call.account]
            if isinstance(each, Execution)
            and each.kind == _DELIVERY
            and each.fill.symbol in symbols
            and start <= each.fill.at <= end
        ]
        return self._list(call, chosen[::-1], lambda each: delivery_row(each, self._desk))

    def _one(self, call: Call) -> list[Face]:
        found = find(call.params, call.account, self._listed(call.params), self._desk)
        return [] if found is None else [face_of(found, self._desk)]

    def _listed(self, params: Params) -> list[Symbol]:
        category = line_of(params)
        return [name for name, terms in self._desk.terms.items() if terms.category == category]

    def _symbols(self, params: Params) -> list[Symbol]:
        return [terms.symbol for terms in self._desk.terms_in(params)]

    def _newest(self, found: Iterable[Found]) -> list[Face]:
        faces = [face_of(each, self._desk) for each in found]
        return sorted(faces, key=lambda face: face.created_ms)[::-1]

    def _faces(
        self, call: Call, faces: list[Face], show: Callable[[Face], dict[str, Any]] = order_row
    ) -> Answer:
        kinds = optional(call.params, "orderFilter")
        if kinds:
            stops = kinds == "StopOrder"
            faces = [face for face in faces if bool(face.extra.stop) is stops]
        return self._list(call, faces, show)

    def _list(self, call: Call, rows: list[T], show: Callable[[T], dict[str, Any]]) -> Answer:
        shown, more = page(call, rows)
        return Answer(
            {
                "category": call.category,
                "list": [show(row) for row in shown],
                "nextPageCursor": more,
            }
        )


def window(params: Params, at: Millis, span: Millis = _SPAN_MS) -> tuple[Millis, Millis]:
    """Return the first and the last instant asked for: at most seven days, ``span`` unless told.

    Raises Refused (10001) for a longer one, or one that ends before it begins.
    """
    start, end = whole(params, "startTime"), whole(params, "endTime")
    if not start and not end:
        return at - span, at
    start, end = start or end - span, end or start + span
    if not 0 <= end - start <= _SPAN_MS:
        raise invalid("startTime or endTime")
    return start, end


def _kept(face: Face, at: Millis) -> bool:
    """Say whether history remembers a closed order: for a day, when nothing of it was filled."""
    return bool(face.filled) or at - face.updated_ms <= _HIDDEN_MS


def _past_row(face: Face) -> dict[str, Any]:
    """Return an order as history shows it: with fields that realtime leaves out."""
    kind, size = face.extra.tolerance
    late = {"slippageToleranceType": kind, "slippageTolerance": size, "extraFees": ""}
    return order_row(face) | late


def _names_one(params: Params) -> bool:
    return any(optional(params, name) for name in _IDS)


def _symbol(each: Execution | Charge) -> Symbol:
    return each.funding.symbol if isinstance(each, Charge) else each.fill.symbol


def _at(each: Execution | Charge) -> Millis:
    return each.at if isinstance(each, Charge) else each.fill.at


def _number(each: Execution | Charge, desk: Desk) -> str:
    return "" if isinstance(each, Charge) else desk.ids.order(each.order)
