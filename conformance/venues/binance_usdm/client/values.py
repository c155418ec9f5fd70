"""Decode the venue's objects (usds-margined-futures sheets, 2026-05-28) into values of the model.

A missing key, a wrong type or a number that is none raises KeyError, TypeError or ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contracts.client import Accrual, Execution, Held, Snapshot
from conformance.model.funding import Payment
from conformance.model.ids import Millis
from conformance.model.orders import (
    Balance,
    Fill,
    Kind,
    MarginMode,
    Order,
    Position,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.reading import levels, number

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
LEGS = {"BOTH": PositionSide.NET, "LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
KINDS = {
    "LIMIT": Kind.LIMIT,
    "MARKET": Kind.MARKET,
    "STOP": Kind.STOP_LIMIT,
    "STOP_MARKET": Kind.STOP_MARKET,
    "TAKE_PROFIT": Kind.TAKE_PROFIT_LIMIT,
    "TAKE_PROFIT_MARKET": Kind.TAKE_PROFIT_MARKET,
    "TRAILING_STOP_MARKET": Kind.TRAILING_STOP,
    "LIQUIDATION": Kind.LIMIT,
}
FORCES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.POST_ONLY,
    "GTD": TimeInForce.GTD,
}
STATUSES = {
    "NEW": Status.OPEN,
    "PARTIALLY_FILLED": Status.PARTIALLY_FILLED,
    "FILLED": Status.FILLED,
    "CANCELED": Status.CANCELLED,
    "EXPIRED": Status.EXPIRED,
    "EXPIRED_IN_MATCH": Status.EXPIRED,
    "REJECTED": Status.REJECTED,
    # Historic, seen in liquidation feeds: the venue's own order, live.
    "NEW_INSURANCE": Status.OPEN,
    "NEW_ADL": Status.OPEN,
}
MARGINS = {
    "cross": MarginMode.CROSS,
    "crossed": MarginMode.CROSS,
    "isolated": MarginMode.ISOLATED,
}
# Client ids the venue gives to its own orders (user-data-streams Event-Order-Update, 2026-05-28).
_VENUE_ORDERS = {
    "autoclose-": "liquidation",
    "adl_autoclose": "auto-deleveraging",
    "settlement_autoclose-": "settlement",
}
_EXPIRY = {code: name for name, code in FACTS["orders"]["expiry"].items() if name != "source"}
_FUNDING = {"FUNDING_FEE": False, "SPECIAL_FUNDING_FEE": True}


def snapshot(data: Mapping[str, Any]) -> Snapshot:
    """Return a REST book."""
    return Snapshot(int(data["lastUpdateId"]), levels(data["bids"]), levels(data["asks"]))


def order(data: Mapping[str, Any]) -> Order:
    """Return an order of any REST answer; acks carry no average price since 2026-06."""
    filled = number(data["executedQty"])
    name = data["status"]
    return Order(
        symbol=data["symbol"],
        client_id=data["clientOrderId"],
        venue_id=str(data["orderId"]),
        side=SIDES[data["side"]],
        kind=KINDS.get(data["type"], Kind.LIMIT),
        quantity=number(data["origQty"]),
        price=number(data["price"]) or None,
        filled=filled,
        average_price=number(data.get("avgPrice", "")),
        status=STATUSES.get(name, Status.UNKNOWN),
        time_in_force=FORCES.get(data["timeInForce"], TimeInForce.GTC),
        reduce_only=data.get("reduceOnly") in (True, "true"),
        position_side=LEGS[data.get("positionSide", "BOTH")],
        reason=reason(name, data["clientOrderId"], ""),
        updated_ms=int(data["updateTime"]),
    )


def reason(status: str, client_id: str, expiry: str) -> str:
    """Return why an order is in a state that its owner did not ask for, or nothing."""
    for prefix, cause in _VENUE_ORDERS.items():
        if client_id.startswith(prefix):
            return cause
    if status not in STATUSES:
        return f"status {status}"
    if status == "EXPIRED_IN_MATCH":
        return "self-trade"
    if expiry in ("", "0"):
        return ""
    return str(_EXPIRY.get(expiry, f"expiry reason {expiry}"))


def execution(data: Mapping[str, Any]) -> Execution:
    """Return a row of userTrades; it names the order by the venue's id only."""
    fill = Fill(
        symbol=data["symbol"],
        trade_id=str(data["id"]),
        client_id="",
        side=SIDES[data["side"]],
        price=number(data["price"]),
        quantity=number(data["qty"]),
        fee=number(data.get("commission", "")),
        fee_asset=data.get("commissionAsset", ""),
        realised=number(data.get("realizedPnl", "")),
        maker=bool(data["maker"]),
        position_side=LEGS[data.get("positionSide", "BOTH")],
        at_ms=int(data["time"]),
    )
    return Execution(fill, str(data["orderId"]))


def held(data: Mapping[str, Any]) -> Held:
    """Return a row of positionRisk."""
    liquidation = number(data["liquidationPrice"])
    position = Position(
        symbol=data["symbol"],
        quantity=number(data["positionAmt"]),
        entry_price=number(data["entryPrice"]),
        position_side=LEGS[data["positionSide"]],
        mark_price=number(data["markPrice"]),
        unrealised=number(data["unRealizedProfit"]),
        margin_mode=MARGINS[data.get("marginType", "cross").lower()],
        leverage=int(data["leverage"]) if "leverage" in data else None,
        liquidation_price=liquidation or None,
    )
    return Held(position, int(data["updateTime"]))


def accrual(data: Mapping[str, Any]) -> Accrual:
    """Return the next funding out of an answer of premiumIndex."""
    return Accrual(number(data["lastFundingRate"]), int(data["nextFundingTime"]))


def entry(data: Mapping[str, Any]) -> tuple[Millis, Payment | None]:
    """Return the instant of a row of income, and the payment unless it was no funding."""
    kind, at = data["incomeType"], int(data["time"])
    if kind not in _FUNDING:
        return at, None
    paid = Payment(
        symbol=data["symbol"],
        # A transaction id is unique within one type only (Get-Income-History, 2026-05-28).
        payment_id=f"{kind}-{data['tranId']}",
        amount=number(data["income"]),
        asset=data["asset"],
        at_ms=at,
        special=_FUNDING[kind],
    )
    return at, paid


def balance(data: Mapping[str, Any]) -> Balance:
    """Return a row of balance; inactive accounts carry empty strings."""
    return Balance(
        asset=data["asset"],
        wallet=number(data["balance"]),
        available=number(data["availableBalance"]),
    )
