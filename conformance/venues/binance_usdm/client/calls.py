"""Encode intents: one method an endpoint, costs and security from ``facts.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from conformance.contracts.client import Accrual, Call, Catalogue, Execution, Held, Page, Snapshot
from conformance.model.funding import Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import (
    Balance,
    Kind,
    MarginMode,
    Order,
    OrderRequest,
    PositionSide,
    Side,
    TimeInForce,
)
from conformance.model.outcomes import Outcome
from conformance.model.wire import Operation
from conformance.venues.binance_usdm.client import values
from conformance.venues.binance_usdm.client.catalogue import catalogue
from conformance.venues.binance_usdm.client.verdict import element
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS, Endpoint
from conformance.venues.reading import Json

T = TypeVar("T")
_CLIENT_ID = re.compile(FACTS["orders"]["client_id"])
_SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
_LEGS = {PositionSide.NET: "BOTH", PositionSide.LONG: "LONG", PositionSide.SHORT: "SHORT"}
_FORCES = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "GTX",
}
_KINDS = {Kind.LIMIT: "LIMIT", Kind.MARKET: "MARKET"}
_MARGINS = {MarginMode.CROSS: "CROSSED", MarginMode.ISOLATED: "ISOLATED"}
_FILLS_MAX = int((ENDPOINTS["user-trades"].limit or {})["max"])
_ENTRIES_MAX = int((ENDPOINTS["income"].limit or {})["max"])
_INTERVAL_H = 8
"""Where funding-info is silent (Get-Funding-Rate-Info, 2026-05-28)."""
_BOOK_LEVELS = 1000
_GLIMPSE_LEVELS = 100
_CLOSES = {(Side.BUY, PositionSide.SHORT), (Side.SELL, PositionSide.LONG)}
# Repeating these leaves the venue as doing them once: settings, and every kind of cancel.
_REPEATABLE = frozenset(
    {
        Operation.CANCEL,
        Operation.CANCEL_ALL,
        Operation.SET_LEVERAGE,
        Operation.SET_MARGIN_MODE,
        Operation.SET_POSITION_MODE,
        Operation.STREAM_KEY_CREATE,
        Operation.STREAM_KEY_EXTEND,
    }
)


class Calls:
    """Everything the reference client can ask of the venue."""

    def time(self) -> Call[Millis]:
        """Ask for the venue's clock."""
        return _call("time", lambda data: int(data["serverTime"]))

    def catalogue(self) -> Call[Catalogue]:
        """Ask for instruments and budgets."""
        return _call("exchange-info", catalogue)

    def refusal(self, request: OrderRequest, *, hedge: bool) -> str:
        """Return why the order cannot be said in this dialect, or nothing."""
        if not _CLIENT_ID.fullmatch(request.client_id or ""):
            return f"the client id must match {_CLIENT_ID.pattern}"
        if request.kind not in _KINDS:
            return f"{request.kind} orders belong to the algo service, which is not offered"
        if request.time_in_force not in _FORCES:
            return f"time in force {request.time_in_force} is not offered"
        if (request.kind is Kind.LIMIT) is (request.price is None):
            return "a limit order needs a price, a market order has none"
        if request.trigger_price is not None:
            return "an order with a trigger belongs to the algo service, which is not offered"
        return _leg_refusal(request, hedge=hedge)

    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Order]:
        """Send one order."""
        return _call("place", values.order, tuple(_order(request, hedge=hedge).items()))

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Order]]]:
        """Send several orders in one message: compact JSON, percent-encoded like any value."""
        rows = [_order(request, hedge=hedge) for request in requests]
        text = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
        count = len(rows)

        def outcomes(data: Json) -> Sequence[Outcome[Order]]:
            if not isinstance(data, list) or len(data) != count:
                raise ValueError("not one answer an order")
            return tuple([element(row, values.order) for row in data])

        return _call("place-batch", outcomes, (("batchOrders", text),))

    def amend(self, order: Order, price: Decimal, quantity: Decimal) -> Call[Order]:
        """Replace price and total quantity."""
        params = (
            *_ids(order.symbol, order.client_id, order.venue_id),
            ("side", _SIDES[order.side]),
            ("quantity", f"{quantity:f}"),
            ("price", f"{price:f}"),
        )
        return _call("amend", values.order, params)

    def cancel(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Cancel one order by either id."""
        return _call("cancel", values.order, _ids(symbol, client_id, venue_id))

    def cancel_all(self, symbol: Symbol) -> Call[None]:
        """Cancel every order of the account in the symbol."""
        return _call("cancel-all", _nothing, (("symbol", symbol),))

    def order(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Ask for one order by either id."""
        return _call("query-order", values.order, _ids(symbol, client_id, venue_id))

    def open_orders(self, symbol: Symbol = "") -> Call[Page[Order]]:
        """Ask for the resting orders of one symbol, or of all."""
        params = (("symbol", symbol),) if symbol else ()
        return _call("open-orders", _whole(values.order), params)

    def fills(self, symbol: Symbol, *, after: str, since_ms: Millis) -> Call[Page[Execution]]:
        """Ask for executions beyond trade ``after``, or since an instant; oldest first."""
        start = ("fromId", str(int(after) + 1)) if after else ("startTime", str(since_ms))
        params = (("symbol", symbol), start, ("limit", str(_FILLS_MAX)))

        def page(data: Json) -> Page[Execution]:
            rows = _rows(values.execution)(data)
            if len(rows) < _FILLS_MAX:
                return Page(rows)
            newest = rows[-1].fill
            return Page(rows, self.fills(symbol, after=newest.trade_id, since_ms=newest.at_ms))

        return _call("user-trades", page, params)

    def positions(self) -> Call[Page[Held]]:
        """Ask for all legs; version 2 alone states leverage and margin mode with them."""
        return _call("positions-v2", _whole(values.held))

    def balances(self) -> Call[Sequence[Balance]]:
        """Ask for the account's money."""
        return _call("balance-v3", _rows(values.balance))

    def accrual(self, symbol: Symbol) -> Call[Accrual]:
        """Ask for rate and instant of the next funding."""
        return _call("premium-index", values.accrual, (("symbol", symbol),))

    def interval(self, symbol: Symbol) -> Call[int]:
        """Ask for the funding interval; the venue tells the unusual ones only."""
        return _call("funding-info", lambda data: _intervals(data).get(symbol, _INTERVAL_H))

    def payments(self, symbol: Symbol, *, since_ms: Millis) -> Call[Page[Payment]]:
        """Ask for income since an instant; the venue filters by one type only, we need two.

        Each page begins with the last instant of the one before: what shares it comes again.
        """
        params = (("symbol", symbol), ("startTime", str(since_ms)), ("limit", str(_ENTRIES_MAX)))

        def page(data: Json) -> Page[Payment]:
            entries = _rows(values.entry)(data)
            paid = tuple([payment for _, payment in entries if payment is not None])
            if len(entries) < _ENTRIES_MAX:
                return Page(paid)
            last_ms, _ = entries[-1]
            if last_ms == since_ms:
                raise ValueError("one millisecond has more entries than an answer holds")
            return Page(paid, self.payments(symbol, since_ms=last_ms))

        return _call("income", page, params)

    def hedge(self, symbol: Symbol) -> Call[bool]:  # noqa: ARG002 - the account's, here
        """Ask for the position mode."""
        return _call("position-mode", lambda data: data["dualSidePosition"] in (True, "true"))

    def set_hedge(self, *, hedge: bool) -> Call[None]:
        """Set the position mode."""
        params = (("dualSidePosition", "true" if hedge else "false"),)
        return _call("set-position-mode", _nothing, params)

    def set_leverage(self, symbol: Symbol, leverage: int) -> Call[int]:
        """Set the leverage of a symbol."""
        params = (("symbol", symbol), ("leverage", str(leverage)))
        return _call("leverage", lambda data: int(data["leverage"]), params)

    def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Call[None]:
        """Set the margin mode of a symbol."""
        return _call("margin-type", _nothing, (("symbol", symbol), ("marginType", _MARGINS[mode])))

    def snapshot(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask for the whole book: 1000 levels of either side."""
        return _call("depth", values.snapshot, (("symbol", symbol), ("limit", str(_BOOK_LEVELS))))

    def glimpse(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask cheaply for the best 100 levels of either side."""
        return _call(
            "depth", values.snapshot, (("symbol", symbol), ("limit", str(_GLIMPSE_LEVELS)))
        )


class ListenKeys:
    """The listenKeys that open the account's stream."""

    extend_ms: int = FACTS["streams"]["key_extend_ms"]

    def create(self) -> Call[str]:
        """Create the listenKey, or get the one in force."""
        return _call("listen-key-create", _listen_key)

    def extend(self, key: str) -> Call[None]:  # noqa: ARG002 - the header names it
        """Keep the listenKey alive; the venue knows it by the account."""
        return _call("listen-key-extend", _nothing)


def _call(
    name: str, decode: Callable[[Any], T], params: tuple[tuple[str, str], ...] = ()
) -> Call[T]:
    endpoint = ENDPOINTS[name]
    operation = endpoint.operation
    return Call(
        operation=operation,
        method=endpoint.method,
        path=endpoint.path,
        decode=decode,
        params=params,
        signed=endpoint.signed,
        keyed=endpoint.keyed,
        costs=_costs(endpoint, params),
        idempotent=endpoint.method == "GET" or operation in _REPEATABLE,
    )


def _costs(endpoint: Endpoint, params: tuple[tuple[str, str], ...]) -> tuple[tuple[str, int], ...]:
    fixed = _FIXED.get(endpoint.name)
    if fixed is not None:
        return fixed
    assert isinstance(endpoint.weight, Mapping)
    return _spent(endpoint, _ruled(endpoint.weight, dict(params)))


def _spent(endpoint: Endpoint, weight: int) -> tuple[tuple[str, int], ...]:
    ten_seconds, minute = endpoint.orders
    costs = ((endpoint.pool, weight), ("orders", ten_seconds), ("orders-minute", minute))
    return tuple([cost for cost in costs if cost[1]])


def _ruled(rule: Mapping[str, Any], params: Mapping[str, str]) -> int:
    if "steps" in rule:
        asked = int(params[rule["by"]])
        return int(next(units for bound, units in rule["steps"] if asked <= bound))
    return int(rule["with_symbol" if "symbol" in params else "without"])


def _leg_refusal(request: OrderRequest, *, hedge: bool) -> str:
    if hedge is (request.position_side is PositionSide.NET):
        mode = "hedge mode needs LONG or SHORT" if hedge else "one-way mode has one leg only"
        return f"the account's position mode does not fit: {mode}"
    if hedge and request.reduce_only and (request.side, request.position_side) not in _CLOSES:
        return "the order would add to the leg although it is to reduce only"
    return ""


def _order(request: OrderRequest, *, hedge: bool) -> dict[str, str]:
    """Return the parameters of one order; reduceOnly is refused in hedge mode (-1106)."""
    row = {
        "symbol": request.symbol,
        "side": _SIDES[request.side],
        "type": _KINDS[request.kind],
        "quantity": f"{request.quantity:f}",
        "newClientOrderId": request.client_id or "",
        "newOrderRespType": "RESULT",
    }
    if request.price is not None:
        row["price"] = f"{request.price:f}"
        row["timeInForce"] = _FORCES[request.time_in_force]
    if hedge:
        row["positionSide"] = _LEGS[request.position_side]
    elif request.reduce_only:
        row["reduceOnly"] = "true"
    return row


def _ids(symbol: Symbol, client_id: str, venue_id: str) -> tuple[tuple[str, str], ...]:
    name = ("orderId", venue_id) if venue_id else ("origClientOrderId", client_id)
    return (("symbol", symbol), name)


def _rows(decode: Callable[[Mapping[str, Any]], T]) -> Callable[[Any], Sequence[T]]:
    def rows(data: Json) -> Sequence[T]:
        if not isinstance(data, list):
            raise TypeError("not a list")
        return tuple([decode(row) for row in data])

    return rows


def _whole(decode: Callable[[Mapping[str, Any]], T]) -> Callable[[Any], Page[T]]:
    rows = _rows(decode)
    return lambda data: Page(rows(data))


def _nothing(data: Json) -> None:
    if not isinstance(data, dict):
        raise TypeError("not an object")


def _intervals(data: Json) -> Mapping[Symbol, int]:
    return {row["symbol"]: int(row["fundingIntervalHours"]) for row in data}


def _listen_key(data: Json) -> str:
    key = data["listenKey"]
    if not isinstance(key, str) or not key:
        raise ValueError("not a key")
    return key


_FIXED = {
    name: _spent(endpoint, endpoint.weight)
    for name, endpoint in ENDPOINTS.items()
    if isinstance(endpoint.weight, int)
}
