"""The venue's words for the model's, and back.

Source: usds-margined-futures/common-definition, 2026-05-28.
"""

from __future__ import annotations

from conformance.model.orders import (
    ConditionalStatus,
    Gauge,
    Kind,
    PositionSide,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
)

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
KINDS = {
    Kind.LIMIT: "LIMIT",
    Kind.MARKET: "MARKET",
    Kind.STOP_LIMIT: "STOP",
    Kind.STOP_MARKET: "STOP_MARKET",
    Kind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    Kind.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
    Kind.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
TIMES = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "GTX",
    TimeInForce.GTD: "GTD",
}
POSITION_SIDES = {
    PositionSide.NET: "BOTH",
    PositionSide.LONG: "LONG",
    PositionSide.SHORT: "SHORT",
}
STATUSES = {
    Status.OPEN: "NEW",
    Status.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELLED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
}
WAITING = {
    ConditionalStatus.NEW: "NEW",
    ConditionalStatus.TRIGGERING: "TRIGGERING",
    ConditionalStatus.TRIGGERED: "TRIGGERED",
    ConditionalStatus.FINISHED: "FINISHED",
    ConditionalStatus.CANCELLED: "CANCELED",
    ConditionalStatus.REJECTED: "REJECTED",
    ConditionalStatus.EXPIRED: "EXPIRED",
}
GAUGES = {Gauge.LAST: "CONTRACT_PRICE", Gauge.MARK: "MARK_PRICE"}

READ_SIDES = {word: side for side, word in SIDES.items()}
READ_KINDS = {word: kind for kind, word in KINDS.items()}
READ_TIMES = {word: time for time, word in TIMES.items()}
READ_LEGS = {word: side for side, word in POSITION_SIDES.items()}
READ_GAUGES = {word: gauge for gauge, word in GAUGES.items()}
READ_SELF_TRADES = {mode.upper().replace("-", "_"): mode for mode in SelfTrade}
