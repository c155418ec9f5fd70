"""The venue's words for sides, kinds, states and prices, both ways.

Source: docs/v5/enum, 2026-07-24.
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

SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
READ_SIDES = {word: side for side, word in SIDES.items()}
READ_KINDS = {"Limit": Kind.LIMIT, "Market": Kind.MARKET}
TIMES = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "PostOnly",
}
READ_TIMES = {word: time for time, word in TIMES.items()}
GAUGES = {Gauge.LAST: "LastPrice", Gauge.MARK: "MarkPrice", Gauge.INDEX: "IndexPrice"}
READ_GAUGES = {word: gauge for gauge, word in GAUGES.items()}
INDEXES = {PositionSide.NET: 0, PositionSide.LONG: 1, PositionSide.SHORT: 2}
"""positionIdx."""
READ_INDEXES = {index: leg for leg, index in INDEXES.items()}
READ_SELF_TRADES = {
    "None": SelfTrade.NONE,
    "CancelMaker": SelfTrade.EXPIRE_MAKER,
    "CancelTaker": SelfTrade.EXPIRE_TAKER,
    "CancelBoth": SelfTrade.EXPIRE_BOTH,
}
STATUSES = {
    Status.OPEN: "New",
    Status.PARTIALLY_FILLED: "PartiallyFilled",
    Status.FILLED: "Filled",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Cancelled",
    Status.REJECTED: "Rejected",
}
WAITING = {
    ConditionalStatus.NEW: "Untriggered",
    ConditionalStatus.TRIGGERING: "Triggered",
    ConditionalStatus.TRIGGERED: "Triggered",
    ConditionalStatus.FINISHED: "Triggered",
}
"""States of a conditional order that do not depend on a switch."""
