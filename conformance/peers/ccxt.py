"""An adapter round unmodified ccxt (async for orders, pro for streams). Extra: ``peers``.

Everything that ccxt decides stays ccxt's decision: nothing is retried, repaired or reconciled
here, so that a finding against this adapter is a finding about the way ccxt is usually used.
On a loopback URL ccxt knows only its general error table, because it picks the one of the
product line by the venue's host name (``binance.get_exceptions_by_url``, ccxt 4.5.90).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import ccxt.pro

from conformance.contracts.adapter import Credentials, Endpoints, Health
from conformance.errors import NotSupported
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Instrument
from conformance.model.orders import (
    Balance,
    Book,
    Fill,
    Kind,
    MarginMode,
    Order,
    OrderRequest,
    Position,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected

T = TypeVar("T")
Raw = Mapping[str, Any]

EXCHANGES: Final = {"binance_usdm": "binanceusdm", "bybit": "bybit"}
"""ccxt's name of a venue."""
ADAPTED: Final = frozenset({"binance_usdm"})
"""Venues whose ways with ccxt the adapter knows; elsewhere there is ``exchange`` alone."""
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "binance_usdm": {"fetchCurrencies": False, "fetchMargins": False},
    "bybit": {
        "defaultType": "swap",
        "fetchCurrencies": False,
        "fetchMarkets": {"types": ["linear", "inverse"]},
    },
}
"""What keeps ccxt from asking about other products than futures."""
DIAL_TIMEOUT_S: Final = 10
POLL_S: Final = 0.01
PAUSE_S: Final = 1
"""Before a failed ``watch_*`` is called again."""
ALREADY: Final = frozenset({"-4046", "-4059"})
"""Codes that say that the wanted setting is in force, as a user of ccxt has to know them."""
STATUS: Final = {
    "open": Status.OPEN,
    "closed": Status.FILLED,
    "canceled": Status.CANCELLED,
    "expired": Status.EXPIRED,
    "expired_in_match": Status.EXPIRED,
    "rejected": Status.REJECTED,
}
CATEGORIES: Final[tuple[tuple[type[Exception], Category], ...]] = (
    (ccxt.DDoSProtection, Category.THROTTLED),
    (ccxt.RateLimitExceeded, Category.THROTTLED),
    (ccxt.OnMaintenance, Category.MAINTENANCE),
    (ccxt.InvalidNonce, Category.CLOCK),
    (ccxt.AuthenticationError, Category.AUTH),
    (ccxt.OrderNotFound, Category.NOT_FOUND),
    (ccxt.BadRequest, Category.REQUEST),
    (ccxt.ExchangeError, Category.STATE),
)
"""What ccxt's exceptions promise, the narrow ones first."""


class CcxtAdapter:
    """ccxt as most people use it: defaults, client order ids, ``watch_*`` loops."""

    capabilities = frozenset(Capability) - {
        Capability.BATCH,
        Capability.RATE_LIMITER,
        Capability.CLOCK_SYNC,
        Capability.FUNDING,
        Capability.MARGIN_CALL,
        Capability.RECONCILE,
    }

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        if endpoints.venue not in ADAPTED:
            raise NotSupported(f"this adapter does not know the ways of ccxt at {endpoints.venue}")
        self.health = Health.STARTING
        self._exchange = exchange(endpoints, credentials)
        self._tasks: list[asyncio.Task[None]] = []
        self._orders: dict[str, Order] = {}
        self._updates: list[Order] = []
        self._trades: dict[str, Raw] = {}
        self._held: dict[tuple[str, str], Raw] = {}
        self._placed: set[str] = set()

    async def start(self) -> None:
        """Load the markets and connect the user stream."""
        await self._exchange.load_markets()
        self._watch(self._exchange.watch_orders, self._take_orders)
        self._watch(self._exchange.watch_my_trades, self._take_trades)
        self._watch(self._exchange.watch_positions, self._take_positions)
        async with asyncio.timeout(DIAL_TIMEOUT_S):
            await self._connected("private")
        self.health = Health.READY

    async def stop(self) -> None:
        """Close every connection and task."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._exchange.close()
        self.health = Health.STOPPED

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        """Send one order by ``create_order``."""
        params: dict[str, Any] = {}
        if request.client_id:
            params["clientOrderId"] = request.client_id
            self._placed.add(request.client_id)
        if request.reduce_only:
            params["reduceOnly"] = True
        if request.position_side is not PositionSide.NET:
            params["positionSide"] = request.position_side.value.upper()
        if request.time_in_force is TimeInForce.POST_ONLY:
            params["postOnly"] = True
        elif request.kind is Kind.LIMIT:
            params["timeInForce"] = request.time_in_force.value.upper()
        return await self._ask(
            lambda: self._exchange.create_order(
                self._unified(request.symbol),
                request.kind.value,
                request.side.value,
                str(request.quantity),
                None if request.price is None else str(request.price),
                params,
            ),
            self._seen,
        )

    async def cancel(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Cancel by ``cancel_order``."""
        params = {"clientOrderId": client_id} if client_id else {}
        return await self._ask(
            lambda: self._exchange.cancel_order(venue_id, self._unified(symbol), params),
            self._seen,
        )

    async def cancel_all(self, symbol: Symbol) -> Outcome[None]:
        """Cancel by ``cancel_all_orders``."""
        return await self._ask(
            lambda: self._exchange.cancel_all_orders(self._unified(symbol)), lambda _: None
        )

    async def amend(
        self, symbol: Symbol, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        """Amend by ``edit_order``, which wants the venue's id, type and side again."""
        known = self._orders.get(client_id)
        if known is None:
            return NotSent("edit_order needs an order that was seen before")
        return await self._ask(
            lambda: self._exchange.edit_order(
                known.venue_id,
                self._unified(symbol),
                known.kind.value,
                known.side.value,
                str(quantity),
                str(price),
            ),
            self._seen,
        )

    async def order(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Query by ``fetch_order``."""
        params = {"clientOrderId": client_id} if client_id else {}
        return await self._ask(
            lambda: self._exchange.fetch_order(venue_id, self._unified(symbol), params),
            self._order,
        )

    async def open_orders(self, symbol: Symbol) -> Outcome[Sequence[Order]]:
        """Query by ``fetch_open_orders``."""
        return await self._ask(
            lambda: self._exchange.fetch_open_orders(self._unified(symbol)),
            lambda rows: [self._order(row) for row in rows],
        )

    async def instruments(self) -> Outcome[Sequence[Instrument]]:
        """Load the markets anew."""
        return await self._ask(
            lambda: self._exchange.load_markets(True),  # noqa: FBT003 - ccxt's signature
            lambda markets: [_instrument(market) for market in markets.values()],
        )

    async def balances(self) -> Outcome[Sequence[Balance]]:
        """Query by ``fetch_balance``."""
        return await self._ask(
            self._exchange.fetch_balance,
            lambda raw: [
                Balance(asset=asset, wallet=_exact(total), available=_exact(raw["free"][asset]))
                for asset, total in raw["total"].items()
            ],
        )

    async def positions(self) -> Outcome[Sequence[Position]]:
        """Query by ``fetch_positions``."""
        return await self._ask(
            self._exchange.fetch_positions,
            lambda rows: [leg for row in rows if (leg := self._position(row)).quantity],
        )

    async def set_leverage(self, symbol: Symbol, leverage: int) -> Outcome[int]:
        """Set by ``set_leverage``."""
        return await self._ask(
            lambda: self._exchange.set_leverage(leverage, self._unified(symbol)),
            lambda raw: int(raw["leverage"]),
        )

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Outcome[None]:
        """Set by ``set_margin_mode``."""
        return _set(
            await self._ask(
                lambda: self._exchange.set_margin_mode(mode.value, self._unified(symbol)),
                lambda _: None,
            )
        )

    async def set_hedge_mode(self, hedge: bool) -> Outcome[None]:  # noqa: FBT001 - the contract
        """Set by ``set_position_mode``."""
        return _set(
            await self._ask(lambda: self._exchange.set_position_mode(hedge), lambda _: None)
        )

    async def watch_book(self, symbol: Symbol) -> None:
        """Run ``watch_order_book`` until ``stop``."""
        unified = self._unified(symbol)
        first = asyncio.Event()
        self._watch(lambda: self._exchange.watch_order_book(unified), lambda _: first.set())
        await first.wait()

    def book(self, symbol: Symbol) -> Book:
        """Return what ccxt keeps; it drops a book that it no longer trusts."""
        raw = self._exchange.orderbooks.get(self._unified(symbol))
        if raw is None or raw["nonce"] is None:
            return Book(symbol=symbol)
        return Book(symbol=symbol, bids=_levels(raw["bids"]), asks=_levels(raw["asks"]), valid=True)

    def orders(self) -> Sequence[Order]:
        """Return the latest state of every order seen."""
        return list(self._orders.values())

    def fills(self) -> Sequence[Fill]:
        """Return every trade of ``watch_my_trades`` once."""
        names = {order.venue_id: order.client_id for order in self._orders.values()}
        return [self._fill(raw, names) for raw in self._trades.values()]

    def updates(self) -> Sequence[Order]:
        """Return what ``watch_orders`` published."""
        return list(self._updates)

    def held(self) -> Sequence[Position]:
        """Return the legs of ``watch_positions``."""
        return [leg for raw in self._held.values() if (leg := self._position(raw)).quantity]

    def now_ms(self) -> Millis:
        """Return the time that ccxt stamps requests with."""
        return int(self._exchange.nonce())

    def _unified(self, symbol: Symbol) -> str:
        return str(self._exchange.safe_market(symbol, None, None, "swap")["symbol"])

    async def _ask(
        self, call: Callable[[], Awaitable[Any]], read: Callable[[Any], T]
    ) -> Outcome[T]:
        try:
            return Accepted(read(await call()))
        except ccxt.BaseError as error:
            return _judged(error)

    def _watch(self, call: Callable[[], Awaitable[Any]], take: Callable[[Any], None]) -> None:
        """Run a ``watch_*`` loop; ccxt dials again by itself at the next call."""

        async def loop() -> None:
            while True:
                try:
                    take(await call())
                except ccxt.BaseError:
                    self.health = Health.DEGRADED
                    await asyncio.sleep(PAUSE_S)
                else:
                    self.health = Health.READY

        self._tasks.append(asyncio.create_task(loop()))

    async def _connected(self, marker: str) -> None:
        """Wait for the stream whose URL contains ``marker``; ccxt has no call for that."""
        while not (found := [url for url in self._exchange.clients if marker in url]):  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        await self._exchange.clients[found[0]].connected

    def _take_orders(self, rows: Sequence[Raw]) -> None:
        self._updates += [self._seen(row) for row in rows]

    def _take_trades(self, rows: Sequence[Raw]) -> None:
        self._trades |= {f"{row['symbol']} {row['id']}": row for row in rows}

    def _take_positions(self, rows: Sequence[Raw]) -> None:
        self._held |= {
            (row["symbol"], row["side"] if row["hedged"] else "net"): row for row in rows
        }

    def _seen(self, raw: Raw) -> Order:
        order = self._order(raw)
        known = self._orders.get(order.client_id)
        if known is None or not known.status.terminal or order.status.terminal:
            self._orders[order.client_id] = order
        return order

    def _order(self, raw: Raw) -> Order:
        filled = _exact(raw["filled"])
        status = STATUS.get(raw["status"], Status.UNKNOWN)
        if status is Status.OPEN and filled:
            status = Status.PARTIALLY_FILLED
        client_id = str(raw["clientOrderId"])
        return Order(
            symbol=self._exchange.market(raw["symbol"])["id"],
            client_id=client_id,
            venue_id=str(raw["id"]),
            side=Side(raw["side"]),
            kind=_kind(raw["type"]),
            quantity=_exact(raw["amount"]),
            price=_exact(raw["price"]) or None,
            filled=filled,
            average_price=_exact(raw["average"]),
            status=status,
            time_in_force=_time_in_force(raw),
            reduce_only=bool(raw["reduceOnly"]),
            own=client_id in self._placed,
            updated_ms=int(raw["lastUpdateTimestamp"] or raw["timestamp"] or 0),
        )

    def _fill(self, raw: Raw, names: Mapping[str, str]) -> Fill:
        fee = raw["fee"] or {}
        return Fill(
            symbol=self._exchange.market(raw["symbol"])["id"],
            trade_id=str(raw["id"]),
            client_id=names.get(str(raw["order"]), ""),
            side=Side(raw["side"]),
            price=_exact(raw["price"]),
            quantity=_exact(raw["amount"]),
            fee=_exact(fee.get("cost")),
            fee_asset=str(fee.get("currency") or ""),
            maker=raw["takerOrMaker"] == "maker",
            at_ms=int(raw["timestamp"]),
        )

    def _position(self, raw: Raw) -> Position:
        size = _exact(raw["contracts"])
        side = PositionSide(raw["side"]) if raw["hedged"] else PositionSide.NET
        return Position(
            symbol=self._exchange.market(raw["symbol"])["id"],
            quantity=-size if raw["side"] == "short" else size,
            entry_price=_exact(raw["entryPrice"]),
            position_side=side,
            mark_price=_exact(raw["markPrice"]),
            unrealised=_exact(raw["unrealizedPnl"]),
            margin_mode=MarginMode(raw["marginMode"] or "cross"),
        )


def exchange(endpoints: Endpoints, credentials: Credentials) -> Any:  # noqa: ANN401 - untyped
    """Make a ccxt exchange that speaks to ``endpoints`` and is otherwise unmodified."""
    options: dict[str, Any] = {
        "apiKey": credentials.key,
        "secret": credentials.secret,
        "options": OPTIONS.get(endpoints.venue, {}),
    }
    if endpoints.ca_file:
        options["cafile"] = endpoints.ca_file
    made = getattr(ccxt.pro, EXCHANGES[endpoints.venue])(options)
    made.urls["api"] = _moved(made.urls["api"], endpoints)
    return made


def _moved(urls: Any, endpoints: Endpoints) -> Any:  # noqa: ANN401 - a tree of texts
    if isinstance(urls, Mapping):
        return {name: _moved(url, endpoints) for name, url in urls.items()}
    parts = urlsplit(str(urls))
    return (endpoints.streams if parts.scheme.startswith("ws") else endpoints.rest) + parts.path


def _judged(error: Exception) -> Rejected | OutcomeUnknown | NotSent:
    text = str(error)
    code = re.search(r'"code"\s*:\s*"?(-?\d+)', text)
    for kind, category in CATEGORIES:
        if isinstance(error, kind):
            if code is None and not isinstance(error, ccxt.NetworkError):
                return NotSent(f"{kind.__name__}: {text}")
            banned = category is Category.THROTTLED and " 418 " in text
            return Rejected(
                Category.BANNED if banned else category, code.group(1) if code else "", text
            )
    return OutcomeUnknown(f"{type(error).__name__}: {text}")


def _set(outcome: Outcome[None]) -> Outcome[None]:
    if isinstance(outcome, Rejected) and outcome.code in ALREADY:
        return Accepted(None)
    return outcome


def _exact(number: object) -> Decimal:
    """Undo ccxt's floats: the shortest text that means the same float is what the venue sent."""
    return Decimal(str(number)) if number is not None else Decimal(0)


def _levels(rows: Sequence[Sequence[Any]]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((_exact(row[0]), _exact(row[1])) for row in rows)


def _kind(text: str) -> Kind:
    with suppress(ValueError):
        return Kind(text.replace("_", "-"))
    return Kind.LIMIT


def _time_in_force(raw: Raw) -> TimeInForce:
    text = str(raw["timeInForce"] or "gtc").lower()
    return TimeInForce.POST_ONLY if text == "po" else TimeInForce(text)


def _instrument(market: Raw) -> Instrument:
    limits = market["limits"]
    return Instrument(
        symbol=market["id"],
        base=market["base"],
        quote=market["quote"],
        margin_asset=market["settle"],
        tick=_exact(market["precision"]["price"]),
        step=_exact(market["precision"]["amount"]),
        min_quantity=_exact(limits["amount"]["min"]),
        max_quantity=_exact(limits["amount"]["max"]),
        min_notional=_exact(limits["cost"]["min"]),
        contract_size=_exact(market["contractSize"]),
        inverse=bool(market["inverse"]),
        expiry_ms=int(market["expiry"]) if market["expiry"] else None,
    )
