"""An adapter round the unmodified official Binance SDK for Python. Extra: ``peers``.

The SDK's REST client is synchronous, so that every call runs in a thread and lives in wall time:
play it against a real-time venue (``conformance sim``), not in virtual time. Its retries of GET
requests stay as they are.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

from binance_common import errors as sdk
from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)
from pydantic import ValidationError

from conformance.contracts.adapter import Credentials, Endpoints, Health
from conformance.errors import NotSupported
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import (
    Balance,
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
Row = Mapping[str, Any]

STATUS: Final = {
    "NEW": Status.OPEN,
    "PARTIALLY_FILLED": Status.PARTIALLY_FILLED,
    "FILLED": Status.FILLED,
    "CANCELED": Status.CANCELLED,
    "EXPIRED": Status.EXPIRED,
    "EXPIRED_IN_MATCH": Status.EXPIRED,
    "REJECTED": Status.REJECTED,
}
LEGS: Final = {"BOTH": PositionSide.NET, "LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
CODES: Final = {
    -1006: Category.UNKNOWN,
    -1007: Category.UNKNOWN,
    -1021: Category.CLOCK,
    -1022: Category.AUTH,
    -2011: Category.NOT_FOUND,
    -2013: Category.NOT_FOUND,
    -2014: Category.AUTH,
    -2015: Category.AUTH,
    -4046: Category.ALREADY,
    -4059: Category.ALREADY,
}
"""Codes whose meaning the SDK leaves to its user (Binance, error codes, 2026-11-20)."""
BUSINESS_CODES_BELOW: Final = -2000
"""Codes above are about the form of the request."""
CLASSES: Final[tuple[tuple[type[Exception], Category], ...]] = (
    (sdk.TooManyRequestsError, Category.THROTTLED),
    (sdk.RateLimitBanError, Category.BANNED),
    (sdk.UnauthorizedError, Category.AUTH),
    (sdk.ForbiddenError, Category.AUTH),
)


class BinanceSdkAdapter:
    """The SDK's REST client: orders, queries and settings, no streams."""

    capabilities = frozenset(
        {
            Capability.PLACE,
            Capability.QUERY,
            Capability.MARKET,
            Capability.IOC,
            Capability.FOK,
            Capability.POST_ONLY,
            Capability.REDUCE_ONLY,
            Capability.AMEND,
            Capability.CANCEL_ALL,
            Capability.BALANCES,
            Capability.POSITIONS,
            Capability.LEVERAGE,
            Capability.MARGIN_MODE,
            Capability.HEDGE_MODE,
        }
    )

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        if endpoints.venue != "binance_usdm":
            raise NotSupported(f"the SDK of Binance USD-M cannot speak to {endpoints.venue}")
        self.health = Health.STARTING
        self._rest = DerivativesTradingUsdsFutures(
            config_rest_api=configuration(endpoints, credentials)
        ).rest_api
        self._placed: dict[str, Side] = {}

    async def start(self) -> None:
        """Ask for the time, which is all that a REST client can do to be ready."""
        await asyncio.to_thread(self._rest.check_server_time)
        self.health = Health.READY

    async def stop(self) -> None:
        """Close the connections of the session."""
        self._rest._session.close()  # noqa: SLF001 - the SDK offers no way to close it
        self.health = Health.STOPPED

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        """Send one order by ``new_order``."""
        arguments: dict[str, Any] = {
            "symbol": request.symbol,
            "side": request.side.value.upper(),
            "type": request.kind.value.replace("-", "_").upper(),
            "quantity": request.quantity,
            "new_order_resp_type": "RESULT",
        }
        if request.price is not None:
            arguments["price"] = request.price
        if request.kind is Kind.LIMIT:
            post_only = request.time_in_force is TimeInForce.POST_ONLY
            arguments["time_in_force"] = "GTX" if post_only else request.time_in_force.upper()
        if request.reduce_only:
            arguments["reduce_only"] = "true"
        if request.position_side is not PositionSide.NET:
            arguments["position_side"] = request.position_side.upper()
        if request.client_id:
            arguments["new_client_order_id"] = request.client_id
            self._placed[request.client_id] = request.side
        return await self._ask(partial(self._rest.new_order, **arguments), self._order)

    async def cancel(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Cancel by ``cancel_order``."""
        name = _named(client_id, venue_id)
        return await self._ask(partial(self._rest.cancel_order, symbol, **name), self._order)

    async def cancel_all(self, symbol: Symbol) -> Outcome[None]:
        """Cancel by ``cancel_all_open_orders``."""
        return await self._ask(partial(self._rest.cancel_all_open_orders, symbol), lambda _: None)

    async def amend(
        self, symbol: Symbol, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        """Amend by ``modify_order``, which wants the side again."""
        side = self._placed.get(client_id)
        if side is None:
            return NotSent("modify_order needs an order that was placed here")
        return await self._ask(
            partial(
                self._rest.modify_order,
                symbol,
                side.upper(),
                quantity,
                price,
                orig_client_order_id=client_id,
            ),
            self._order,
        )

    async def order(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Query by ``query_order``."""
        name = _named(client_id, venue_id)
        return await self._ask(partial(self._rest.query_order, symbol, **name), self._order)

    async def open_orders(self, symbol: Symbol) -> Outcome[Sequence[Order]]:
        """Query by ``current_all_open_orders``."""
        return await self._ask(
            partial(self._rest.current_all_open_orders, symbol),
            lambda rows: [self._order(row) for row in rows],
        )

    async def balances(self) -> Outcome[Sequence[Balance]]:
        """Query by ``futures_account_balance_v3``."""
        return await self._ask(
            self._rest.futures_account_balance_v3, lambda rows: [_balance(row) for row in rows]
        )

    async def positions(self) -> Outcome[Sequence[Position]]:
        """Query by ``position_information_v3``."""
        return await self._ask(
            self._rest.position_information_v3,
            lambda rows: [leg for row in rows if (leg := _position(row)).quantity],
        )

    async def set_leverage(self, symbol: Symbol, leverage: int) -> Outcome[int]:
        """Set by ``change_initial_leverage``."""
        return await self._ask(
            partial(self._rest.change_initial_leverage, symbol, leverage),
            lambda row: int(row["leverage"]),
        )

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Outcome[None]:
        """Set by ``change_margin_type``."""
        wanted = "ISOLATED" if mode is MarginMode.ISOLATED else "CROSSED"
        return _set(
            await self._ask(partial(self._rest.change_margin_type, symbol, wanted), lambda _: None)
        )

    async def set_hedge_mode(self, hedge: bool) -> Outcome[None]:  # noqa: FBT001 - the contract
        """Set by ``change_position_mode``."""
        wanted = "true" if hedge else "false"
        return _set(
            await self._ask(partial(self._rest.change_position_mode, wanted), lambda _: None)
        )

    def now_ms(self) -> Millis:
        """Return the local time, which the SDK stamps requests with."""
        return time.time_ns() // 1_000_000

    async def _ask(self, call: Callable[[], Any], read: Callable[[Any], T]) -> Outcome[T]:
        try:
            return Accepted(read(_plain((await asyncio.to_thread(call)).data())))
        except (sdk.RequiredError, ValidationError, ValueError) as error:
            return NotSent(f"{type(error).__name__}: {error}")
        except sdk.Error as error:
            return _judged(error)

    def _order(self, row: Row) -> Order:
        client_id = str(row["clientOrderId"])
        in_force = str(row.get("timeInForce", "GTC")).lower()
        return Order(
            symbol=row["symbol"],
            client_id=client_id,
            venue_id=str(row["orderId"]),
            side=Side(row["side"].lower()),
            kind=Kind(row["origType"].lower().replace("_", "-")),
            quantity=Decimal(row["origQty"]),
            price=Decimal(row["price"]) or None,
            filled=Decimal(row["executedQty"]),
            average_price=Decimal(row.get("avgPrice") or 0),
            status=STATUS.get(row["status"], Status.UNKNOWN),
            time_in_force=TimeInForce.POST_ONLY if in_force == "gtx" else TimeInForce(in_force),
            reduce_only=bool(row["reduceOnly"]),
            position_side=LEGS[row["positionSide"]],
            own=client_id in self._placed,
            updated_ms=int(row["updateTime"]),
        )


def configuration(endpoints: Endpoints, credentials: Credentials) -> ConfigurationRestAPI:
    """Make the SDK's configuration for ``endpoints``; everything else keeps its default."""
    secret = {"api_secret": credentials.secret}
    if credentials.kind != "hmac":
        secret = {"private_key": credentials.secret}
    agent = ssl.create_default_context(cafile=endpoints.ca_file) if endpoints.ca_file else None
    return ConfigurationRestAPI(
        api_key=credentials.key, base_path=endpoints.rest, https_agent=agent, **secret
    )


def _plain(answer: Any) -> Any:  # noqa: ANN401 - whatever the SDK makes of an answer
    if isinstance(answer, list):
        return [_plain(each) for each in answer]
    dumped = getattr(answer, "to_dict", None)
    return dumped() if dumped else answer


def _named(client_id: str, venue_id: str) -> dict[str, Any]:
    if client_id:
        return {"orig_client_order_id": client_id}
    return {"order_id": int(venue_id)}


def _judged(error: sdk.Error) -> Rejected | OutcomeUnknown:
    code = getattr(error, "status_code", None)
    text = str(getattr(error, "error_message", error))
    for kind, category in CLASSES:
        if isinstance(error, kind):
            return Rejected(category, str(code), text)
    if code is None or isinstance(error, sdk.ServerError | sdk.NetworkError):
        return OutcomeUnknown(f"{type(error).__name__}: {text}")
    form = Category.STATE if code < BUSINESS_CODES_BELOW else Category.REQUEST
    category = CODES.get(code, form)
    if category is Category.UNKNOWN:
        return OutcomeUnknown(f"{code}: {text}")
    return Rejected(category, str(code), text)


def _set(outcome: Outcome[None]) -> Outcome[None]:
    if isinstance(outcome, Rejected) and outcome.category is Category.ALREADY:
        return Accepted(None)
    return outcome


def _balance(row: Row) -> Balance:
    return Balance(
        asset=row["asset"],
        wallet=Decimal(row["balance"]),
        available=Decimal(row["availableBalance"]),
    )


def _position(row: Row) -> Position:
    liquidation = Decimal(row["liquidationPrice"])
    return Position(
        symbol=row["symbol"],
        quantity=Decimal(row["positionAmt"]),
        entry_price=Decimal(row["entryPrice"]),
        position_side=LEGS[row["positionSide"]],
        mark_price=Decimal(row["markPrice"]),
        unrealised=Decimal(row["unRealizedProfit"]),
        margin_mode=(MarginMode.ISOLATED if Decimal(row["isolatedMargin"]) else MarginMode.CROSS),
        liquidation_price=liquidation or None,
    )
