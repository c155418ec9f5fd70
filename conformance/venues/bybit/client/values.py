"""Decode the venue's rows into values of the model.

What is not there is told as an empty string, as zero or as UNKNOWN, and differently by REST and
by stream (order/open-order, websocket/private/order, 2026-07-24): all of them are understood. A
missing key, a wrong type or a number that is none raises KeyError, TypeError or ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contracts.client import Accrual, Execution, Held, Snapshot
from conformance.model.funding import Payment
from conformance.model.orders import (
    Balance,
    Fill,
    Kind,
    Order,
    Position,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.venues.bybit.client.products import product
from conformance.venues.reading import levels, number

Row = Mapping[str, Any]

SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
LEGS = {0: PositionSide.NET, 1: PositionSide.LONG, 2: PositionSide.SHORT}
_FORCES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "PostOnly": TimeInForce.POST_ONLY,
}
_STATUSES = {
    "New": Status.OPEN,
    "PartiallyFilled": Status.PARTIALLY_FILLED,
    "Untriggered": Status.OPEN,
    "Triggered": Status.OPEN,
    "Filled": Status.FILLED,
    "Rejected": Status.REJECTED,
    "Cancelled": Status.CANCELLED,
    "PartiallyFilledCanceled": Status.CANCELLED,
    "Deactivated": Status.CANCELLED,
}
_NOTHING = ("", "UNKNOWN", "EC_NoError")
# A cancel that its owner asked for, at once or by a countdown; whatever else ends an order is the
# venue's doing, which says Cancelled to that as well (enum, cancelType, 2026-07-24).
_WISHED = ("CancelByUser", "CancelByDCP", "EC_PerCancelRequest", *_NOTHING)
# Orders that the venue places itself (enum, createType, 2026-07-24).
_FORCED = {
    "CreateByLiq": "liquidation",
    "CreateByTakeOver_PassThrough": "liquidation",
    "CreateByAdl_PassThrough": "auto-deleveraging",
    "CreateBySettle": "settlement",
}
_FUNDING = "Funding"
_RISES = 1
_CONDITIONAL = {
    (True, True): Kind.STOP_MARKET,
    (True, False): Kind.STOP_LIMIT,
    (False, True): Kind.TAKE_PROFIT_MARKET,
    (False, False): Kind.TAKE_PROFIT_LIMIT,
}


def order(row: Row) -> Order:
    """Return an order of a query or of the stream."""
    quantity = number(row["qty"])
    return Order(
        symbol=row["symbol"],
        client_id=row["orderLinkId"],
        venue_id=row["orderId"],
        side=SIDES[row["side"]],
        kind=_kind(row),
        quantity=quantity,
        price=number(row["price"]) or None,
        filled=number(row["cumExecQty"]),
        average_price=number(row.get("avgPrice", "")),
        status=_status(row),
        time_in_force=_FORCES.get(row["timeInForce"], TimeInForce.GTC),
        reduce_only=row.get("reduceOnly") is True,
        position_side=LEGS[row["positionIdx"]],
        reason=_reason(row),
        updated_ms=int(row["updatedTime"]),
    )


def _kind(row: Row) -> Kind:
    """Return the kind of an order: a trigger above is a buyer's stop and a seller's target."""
    market = row["orderType"] == "Market"
    direction = row.get("triggerDirection", 0)
    if not direction or not number(row.get("triggerPrice", "")):
        return Kind.MARKET if market else Kind.LIMIT
    stop = (direction == _RISES) is (row["side"] == "Buy")
    return _CONDITIONAL[stop, market]


def _status(row: Row) -> Status:
    status = _STATUSES.get(row["orderStatus"], Status.UNKNOWN)
    if status is not Status.CANCELLED:
        return status
    causes = (row.get("cancelType", ""), row.get("rejectReason", ""))
    return status if all(cause in _WISHED for cause in causes) else Status.EXPIRED


def _reason(row: Row) -> str:
    """Return why an order is in a state that its owner did not ask for, or nothing."""
    if row["orderStatus"] not in _STATUSES:
        return f"status {row['orderStatus']}"
    forced = _FORCED.get(row.get("createType", ""))
    if forced:
        return forced
    causes = [row.get("rejectReason", ""), row.get("cancelType", "")]
    return next((str(cause) for cause in causes if cause not in _WISHED), "")


def trade(row: Row) -> bool:
    """Say whether a row of executions is one: funding and adjustments are told there too."""
    return row["execType"] != _FUNDING and number(row["execQty"]) > 0


def execution(row: Row) -> Execution:
    """Return an execution; it does not say its leg, which is that of its order."""
    fill = Fill(
        symbol=row["symbol"],
        trade_id=row["execId"],
        client_id=row["orderLinkId"],
        side=SIDES[row["side"]],
        price=number(row["execPrice"]),
        quantity=number(row["execQty"]),
        fee=number(row.get("execFee", "")),
        fee_asset=row.get("feeCurrency") or product(row["symbol"]).settle,
        realised=number(row.get("execPnl", "")),
        maker=row["isMaker"] is True,
        at_ms=int(row["execTime"]),
    )
    return Execution(fill, row["orderId"])


def payment(row: Row) -> Payment:
    """Return a funding payment: in executions a fee above zero was paid."""
    return Payment(
        symbol=row["symbol"],
        payment_id=row["execId"],
        amount=-number(row["execFee"]),
        asset=row.get("feeCurrency") or product(row["symbol"]).settle,
        at_ms=int(row["execTime"]),
    )


def held(row: Row) -> Held:
    """Return a leg: REST says avgPrice where the stream says entryPrice."""
    size = number(row["size"])
    price = row["avgPrice"] if "avgPrice" in row else row["entryPrice"]
    position = Position(
        symbol=row["symbol"],
        quantity=-size if row["side"] == "Sell" else size,
        entry_price=number(price),
        position_side=LEGS[row["positionIdx"]],
        mark_price=number(row.get("markPrice", "")),
        unrealised=number(row.get("unrealisedPnl", "")),
        leverage=int(number(row.get("leverage", ""))) or None,
        liquidation_price=number(row.get("liqPrice", "")) or None,
    )
    return Held(position, int(row["updatedTime"] or 0))


def balance(row: Row) -> Balance:
    """Return a coin of the wallet; what orders and positions need is not free."""
    bound = number(row["totalOrderIM"]) + number(row["totalPositionIM"])
    return Balance(
        asset=row["coin"],
        wallet=number(row["walletBalance"]),
        available=number(row["equity"]) - bound,
    )


def accrual(row: Row) -> Accrual:
    """Return the next funding out of a ticker."""
    return Accrual(number(row["fundingRate"]), int(row["nextFundingTime"]))


def snapshot(data: Row) -> Snapshot:
    """Return a book: ``u`` of a query is that of the stream with 1000 levels."""
    return Snapshot(int(data["u"]), levels(data["b"]), levels(data["a"]))
