"""Encode intents: one method an endpoint, rates from ``facts.toml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product as combinations
from typing import Any, TypeVar
from urllib.parse import unquote

from conformance.contracts.client import (
    Accrual,
    Call,
    Catalogue,
    Execution,
    Held,
    Page,
    Receipt,
    Snapshot,
    Taken,
)
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
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown
from conformance.model.wire import Operation
from conformance.venues.bybit.client import values
from conformance.venues.bybit.client.catalogue import instruments
from conformance.venues.bybit.client.products import CATEGORIES, SCOPES, product
from conformance.venues.bybit.client.verdict import POOLS, Absent, refusal
from conformance.venues.bybit.facts import ENDPOINTS, FACTS
from conformance.venues.reading import UNREADABLE, Json, line

T = TypeVar("T")
Params = tuple[tuple[str, Any], ...]
_CLIENT_ID = re.compile(FACTS["orders"]["link_id"])
_SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
_LEGS = {PositionSide.NET: 0, PositionSide.LONG: 1, PositionSide.SHORT: 2}
_FORCES = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "PostOnly",
}
_KINDS = {
    Kind.LIMIT: "Limit",
    Kind.MARKET: "Market",
    Kind.STOP_LIMIT: "Limit",
    Kind.STOP_MARKET: "Market",
    Kind.TAKE_PROFIT_LIMIT: "Limit",
    Kind.TAKE_PROFIT_MARKET: "Market",
}
_STOPS = (Kind.STOP_LIMIT, Kind.STOP_MARKET)
_RISES, _FALLS = 1, 2
_MARGINS = {MarginMode.CROSS: "REGULAR_MARGIN", MarginMode.ISOLATED: "ISOLATED_MARGIN"}
_ONE_WAY, _HEDGE = 0, 3
_BOOK_LEVELS = "1000"
_GLIMPSE_LEVELS = "50"
_CLOSES = {(Side.BUY, PositionSide.SHORT), (Side.SELL, PositionSide.LONG)}
_PHASES = ("Trading", "PreLaunch", "Delivering")
"""Only what trades is told unless one asks (market/instrument, status, 2026-07-24)."""
_BY_PATH = {row.path: row for row in ENDPOINTS.values()}
_IP = "requests"
# Repeating these leaves the venue as doing them once: settings, and every kind of cancel.
_REPEATABLE = frozenset(
    {
        Operation.CANCEL,
        Operation.CANCEL_ALL,
        Operation.SET_LEVERAGE,
        Operation.SET_MARGIN_MODE,
        Operation.SET_POSITION_MODE,
    }
)


class Calls:
    """Everything the reference client can ask of the venue."""

    def time(self) -> Call[Millis]:
        """Ask for the venue's clock."""
        return _call("/v5/market/time", lambda data: int(data["result"]["timeNano"]) // 1_000_000)

    def catalogue(self) -> Call[Catalogue]:
        """Ask for the instruments of all categories, whatever their phase."""
        asks = [
            (("category", category), ("status", status), ("limit", "1000"))
            for status, category in combinations(_PHASES, CATEGORIES)
        ]
        return _catalogue(asks)

    def refusal(self, request: OrderRequest, *, hedge: bool) -> str:
        """Return why the order cannot be said in this dialect, or nothing."""
        if not _CLIENT_ID.fullmatch(request.client_id or ""):
            return f"the client id must match {_CLIENT_ID.pattern}"
        if request.kind not in _KINDS:
            return f"{request.kind} orders are not offered"
        if request.time_in_force not in _FORCES:
            return f"time in force {request.time_in_force} is not offered"
        if (_KINDS[request.kind] == "Limit") is (request.price is None):
            return "a limit order needs a price, a market order has none"
        if (request.kind in (Kind.LIMIT, Kind.MARKET)) is (request.trigger_price is not None):
            return "a conditional order needs a trigger, any other order has none"
        return _leg_refusal(request, hedge=hedge)

    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:  # noqa: ARG002 - the leg tells
        """Send one order; the answer says that it was taken in."""
        params = (("category", product(request.symbol).category), *_order(request))
        return _call("/v5/order/create", _receipt, params)

    def place_batch(
        self,
        requests: Sequence[OrderRequest],
        *,
        hedge: bool,  # noqa: ARG002
    ) -> Call[Sequence[Outcome[Taken]]]:
        """Send several orders of one category in one message.

        Orders of another category than the first one's are not sent with it: the reference
        client asks in whole messages, and a message has one category.
        """
        count = len(requests)

        def outcomes(data: Json) -> Sequence[Outcome[Taken]]:
            rows, verdicts = data["result"]["list"], data["retExtInfo"]["list"]
            if len(rows) != count or len(verdicts) != count:
                raise ValueError("not one answer an order")
            return [_element(row, said) for row, said in zip(rows, verdicts, strict=True)]

        params = (
            ("category", product(requests[0].symbol).category),
            ("request", [dict(_order(request)) for request in requests]),
        )
        call = _call("/v5/order/create-batch", outcomes, params)
        # Charged for every order, from the endpoint's own pool.
        return replace(call, costs=tuple([(n, 1 if n == _IP else count) for n, _ in call.costs]))

    def amend(self, order: Order, price: Decimal, quantity: Decimal) -> Call[Taken]:
        """Replace price and total quantity; the answer says that it was taken in."""
        params = (
            *_ids(order.symbol, order.client_id, order.venue_id),
            ("qty", f"{quantity:f}"),
            ("price", f"{price:f}"),
        )
        return _call("/v5/order/amend", _receipt, params)

    def cancel(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Taken]:
        """Cancel one order by either id; the answer says that it was taken in."""
        return _call("/v5/order/cancel", _receipt, _ids(symbol, client_id, venue_id))

    def cancel_all(self, symbol: Symbol) -> Call[None]:
        """Cancel every order of the account in the symbol."""
        params = (("category", product(symbol).category), ("symbol", symbol))
        return _call("/v5/order/cancel-all", _nothing, params)

    def order(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Ask for one order by either id: among the recent ones, then in the history."""
        params = _ids(symbol, client_id, venue_id)
        return replace(
            _call("/v5/order/realtime", _only(values.order), params),
            operation=Operation.QUERY_ORDER,
            elsewhere=_call("/v5/order/history", _only(values.order), params),
        )

    def open_orders(self, symbol: Symbol = "") -> Call[Page[Order]]:
        """Ask for the resting orders of one symbol, or of all."""
        asks: list[Params] = [(("category", product(symbol).category), ("symbol", symbol))]
        asks = asks if symbol else list(SCOPES)
        asks = [(*ask, ("limit", "50")) for ask in asks]
        return _paged("/v5/order/realtime", _rows(values.order), asks)

    def fills(self, symbol: Symbol, *, after: str, since_ms: Millis) -> Call[Page[Execution]]:  # noqa: ARG002 - ids have no order
        """Ask for executions since an instant."""
        return _history(symbol, since_ms, _trades)

    def positions(self) -> Call[Page[Held]]:
        """Ask for the legs that are not flat."""
        asks: list[Params] = [(*ask, ("limit", "200")) for ask in SCOPES]
        return _paged("/v5/position/list", _rows(values.held), asks)

    def balances(self) -> Call[Sequence[Balance]]:
        """Ask for the account's money."""

        def coins(data: Json) -> Sequence[Balance]:
            (account,) = data["result"]["list"]
            return [values.balance(row) for row in account["coin"]]

        return _call("/v5/account/wallet-balance", coins, (("accountType", "UNIFIED"),))

    def accrual(self, symbol: Symbol) -> Call[Accrual]:
        """Ask for rate and instant of the next funding."""
        params = (("category", product(symbol).category), ("symbol", symbol))
        return _call("/v5/market/tickers", _only(values.accrual), params)

    def interval(self, symbol: Symbol) -> Call[int]:
        """Ask for the hours from one funding to the next, published in minutes."""
        params = (("category", product(symbol).category), ("symbol", symbol))
        path = "/v5/market/instruments-info"
        return _call(path, _only(lambda row: int(row["fundingInterval"]) // 60), params)

    def payments(self, symbol: Symbol, *, since_ms: Millis) -> Call[Page[Payment]]:
        """Ask for funding that was paid: it is told among the executions."""
        return _history(symbol, since_ms, _rows(values.payment), (("execType", "Funding"),))

    def hedge(self, symbol: Symbol) -> Call[bool]:
        """Ask for the position mode of a symbol: flat legs tell it as well."""
        params = (("category", product(symbol).category), ("symbol", symbol))
        return _call("/v5/position/list", _hedged, params)

    def set_hedge(self, *, hedge: bool) -> Call[None]:
        """Set the position mode of all symbols that settle in USDT; others have one mode only."""
        params = (("category", "linear"), ("coin", "USDT"), ("mode", _HEDGE if hedge else _ONE_WAY))
        return _call("/v5/position/switch-mode", _nothing, params)

    def set_leverage(self, symbol: Symbol, leverage: int) -> Call[int]:
        """Set the leverage of a symbol, of both sides alike."""
        params = (
            ("category", product(symbol).category),
            ("symbol", symbol),
            ("buyLeverage", str(leverage)),
            ("sellLeverage", str(leverage)),
        )
        return _call("/v5/position/set-leverage", lambda _: leverage, params)

    def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Call[None]:  # noqa: ARG002
        """Set the margin mode: that of the account, whatever the symbol."""
        params = (("setMarginMode", _MARGINS[mode]),)
        return _call("/v5/account/set-margin-mode", _nothing, params)

    def snapshot(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask for the whole book: 1000 levels of either side."""
        return _book(symbol, _BOOK_LEVELS)

    def glimpse(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask for the best 50 levels of either side."""
        return _book(symbol, _GLIMPSE_LEVELS)


def _call(path: str, decode: Callable[[Any], T], params: Params = ()) -> Call[T]:
    endpoint = _BY_PATH[path]
    rated = ((POOLS[path], 1),) if endpoint.rate else ()
    return Call(
        operation=endpoint.operation,
        method=endpoint.method,
        path=path,
        decode=decode,
        params=params,
        signed=endpoint.signed,
        keyed=endpoint.signed,
        costs=(*rated, (_IP, 1)),
        idempotent=endpoint.method == "GET" or endpoint.operation in _REPEATABLE,
    )


def _paged(
    path: str, decode: Callable[[Json], Sequence[T]], asks: Sequence[Params], cursor: str = ""
) -> Call[Page[T]]:
    """Ask one question after the other, each until its cursor has come to its end."""
    ask, *others = asks
    params = (*ask, ("cursor", cursor)) if cursor else ask

    def page(data: Json) -> Page[T]:
        rows = decode(data)
        following = _cursor(data)
        if following and following != cursor and data["result"]["list"]:
            return Page(rows, _paged(path, decode, asks, following), int(data["time"]))
        more = _paged(path, decode, others) if others else None
        return Page(rows, more, int(data["time"]))

    return _call(path, page, params)


def _catalogue(asks: Sequence[Params], cursor: str = "") -> Call[Catalogue]:
    ask, *others = asks
    params = (*ask, ("cursor", cursor)) if cursor else ask

    def page(data: Json) -> Catalogue:
        rows = data["result"]["list"]
        following = _cursor(data)
        if following and following != cursor and rows:
            return Catalogue(instruments(rows), more=_catalogue(asks, following))
        return Catalogue(instruments(rows), more=_catalogue(others) if others else None)

    return _call("/v5/market/instruments-info", page, params)


def _history(
    symbol: Symbol,
    since_ms: Millis,
    decode: Callable[[Json], Sequence[T]],
    further: Params = (),
) -> Call[Page[T]]:
    """Ask for executions since an instant, in spans no longer than one question may have."""
    until_ms = since_ms + FACTS["orders"]["span_ms"]
    # Without an instant the venue tells of the last seven days.
    times = (("startTime", str(since_ms)), ("endTime", str(until_ms))) if since_ms else ()
    ask = (
        ("category", product(symbol).category),
        ("symbol", symbol),
        *times,
        *further,
        ("limit", "100"),
    )
    first = _paged("/v5/execution/list", decode, [ask])

    def onward(call: Call[Page[T]]) -> Call[Page[T]]:
        def page(data: Json) -> Page[T]:
            found = call.decode(data)
            if found.more is not None:
                return replace(found, more=onward(found.more))
            if since_ms and until_ms < found.at_ms:
                return replace(found, more=_history(symbol, until_ms, decode, further))
            return found

        return replace(call, decode=page)

    return onward(first)


def _cursor(data: Json) -> str:
    """Return where the next page begins: sent with escapes, which are not to be escaped again."""
    return unquote(data["result"].get("nextPageCursor") or "")


def _rows(decode: Callable[[Mapping[str, Any]], T]) -> Callable[[Json], Sequence[T]]:
    return lambda data: [decode(row) for row in data["result"]["list"]]


def _trades(data: Json) -> Sequence[Execution]:
    return [values.execution(row) for row in data["result"]["list"] if values.trade(row)]


def _only(decode: Callable[[Mapping[str, Any]], T]) -> Callable[[Json], T]:
    def first(data: Json) -> T:
        rows = data["result"]["list"]
        if not rows:
            raise Absent
        return decode(rows[0])

    return first


def _hedged(data: Json) -> bool:
    legs = [row["positionIdx"] for row in data["result"]["list"]]
    if not legs:
        raise ValueError("no leg tells the mode")
    return any(legs)


def _receipt(data: Json) -> Receipt:
    return _taken(data["result"])


def _taken(row: Mapping[str, Any]) -> Receipt:
    if not row["orderId"]:
        raise ValueError("a receipt without an id")
    return Receipt(row.get("orderLinkId") or "", row["orderId"])


def _element(row: Json, said: Json) -> Outcome[Taken]:
    """Return the outcome of one order of a batch."""
    code = said["code"]
    if code:
        return refusal(int(code), line(said.get("msg", "")))
    try:
        return Accepted(_taken(row))
    except UNREADABLE as error:
        return OutcomeUnknown(f"an element cannot be read: {type(error).__name__}")


def _nothing(data: Json) -> None:
    """Accept whatever result: set-type endpoints answer with {}, null or nothing."""
    if not isinstance(data, dict):
        raise TypeError("not an object")


def _leg_refusal(request: OrderRequest, *, hedge: bool) -> str:
    if hedge is (request.position_side is PositionSide.NET):
        mode = "hedge mode needs LONG or SHORT" if hedge else "one-way mode has one leg only"
        return f"the account's position mode does not fit: {mode}"
    if hedge and request.reduce_only and (request.side, request.position_side) not in _CLOSES:
        return "the order would add to the leg although it is to reduce only"
    return ""


def _order(request: OrderRequest) -> Params:
    """Return the parameters of one order."""
    params: list[tuple[str, Any]] = [
        ("symbol", request.symbol),
        ("side", _SIDES[request.side]),
        ("orderType", _KINDS[request.kind]),
        ("qty", f"{request.quantity:f}"),
        ("orderLinkId", request.client_id or ""),
        ("positionIdx", _LEGS[request.position_side]),
    ]
    if request.price is not None:
        params.append(("price", f"{request.price:f}"))
        params.append(("timeInForce", _FORCES[request.time_in_force]))
    if request.trigger_price is not None:
        # A stop of a buy waits for a rise, its take-profit for a fall; sells the other way round.
        rises = (request.kind in _STOPS) is (request.side is Side.BUY)
        params.append(("triggerPrice", f"{request.trigger_price:f}"))
        params.append(("triggerDirection", _RISES if rises else _FALLS))
    if request.reduce_only:
        params.append(("reduceOnly", True))
    return tuple(params)


def _ids(symbol: Symbol, client_id: str, venue_id: str) -> Params:
    name = ("orderId", venue_id) if venue_id else ("orderLinkId", client_id)
    return (("category", product(symbol).category), ("symbol", symbol), name)


def _book(symbol: Symbol, levels: str) -> Call[Snapshot]:
    params = (("category", product(symbol).category), ("symbol", symbol), ("limit", levels))
    return _call("/v5/market/orderbook", lambda data: values.snapshot(data["result"]), params)
