"""Stream plans, frames into events, and the rule by which book deltas follow each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.contracts.client import (
    BookDelta,
    Confirmed,
    Held,
    Link,
    MarginCall,
    OrderNews,
    StreamEvent,
    StreamKeyGone,
    StreamPlan,
)
from conformance.model.ids import Symbol
from conformance.model.orders import (
    Fill,
    Kind,
    MarginMode,
    Order,
    Position,
    Status,
    TimeInForce,
)
from conformance.venues.binance_usdm.client import values
from conformance.venues.reading import levels, number, parse


def book_stream(symbols: Sequence[Symbol]) -> StreamPlan:
    """Plan the 100 ms diff depth streams of ``symbols`` on the public route."""
    names = [f"{symbol.lower()}@depth@100ms" for symbol in symbols]
    ask = {"method": "SUBSCRIBE", "params": names, "id": 1}
    return StreamPlan("/public/ws", (json.dumps(ask, ensure_ascii=False),))


def user_stream(key: str) -> StreamPlan:
    """Plan the account's stream on the private route."""
    return StreamPlan(f"/private/ws?listenKey={key}")


def events(frame: bytes | str) -> Sequence[StreamEvent]:
    """Decode one frame, raw or in the combined envelope; raises ValueError when unreadable."""
    data = parse(frame)
    try:
        if isinstance(data, dict) and "stream" in data and "data" in data:
            data = data["data"]
        if not isinstance(data, dict):
            return ()
        if data.get("result", ...) is None and "id" in data:
            return (Confirmed(),)
        decode = _EVENTS.get(data.get("e", ""))
        return decode(data) if decode else ()
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an event without its fields: {type(error).__name__}") from None


def link(delta: BookDelta, sequence: int, *, fresh: bool) -> Link:
    """Judge a delta (usds-margined-futures, How to manage a local order book, 2026-05-28).

    The first one must cover the snapshot's id; each later one names its predecessor in ``pu``.
    """
    if fresh:
        if delta.last < sequence:
            return Link.STALE
        return Link.NEXT if delta.first <= sequence else Link.GAP
    if delta.last <= sequence:
        return Link.STALE
    return Link.NEXT if delta.previous == sequence else Link.GAP


def _delta(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    delta = BookDelta(
        data["s"],
        int(data["U"]),
        int(data["u"]),
        int(data["pu"]),
        levels(data["b"]),
        levels(data["a"]),
    )
    return (delta,)


def _order_update(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    row = data["o"]
    status = values.STATUSES.get(row["X"], Status.UNKNOWN)
    order = Order(
        symbol=row["s"],
        client_id=row["c"],
        venue_id=str(row["i"]),
        side=values.SIDES[row["S"]],
        kind=values.KINDS.get(row["o"], Kind.LIMIT),
        quantity=number(row["q"]),
        price=number(row["p"]) or None,
        filled=number(row["z"]),
        average_price=number(row.get("ap", "")),
        status=status,
        time_in_force=values.FORCES.get(row["f"], TimeInForce.GTC),
        reduce_only=row.get("R") is True,
        position_side=values.LEGS[row.get("ps", "BOTH")],
        reason=values.reason(row["X"], row["c"], row.get("er", "")),
        updated_ms=int(data["T"]),
    )
    return (OrderNews(order, _fill(row) if int(row.get("t", 0)) > 0 else None),)


def _fill(row: Mapping[str, Any]) -> Fill | None:
    quantity = number(row["l"])
    if not quantity:
        return None
    return Fill(
        symbol=row["s"],
        trade_id=str(row["t"]),
        client_id=row["c"],
        side=values.SIDES[row["S"]],
        price=number(row["L"]),
        quantity=quantity,
        fee=number(row.get("n", "")),
        fee_asset=row.get("N") or "",
        realised=number(row.get("rp", "")),
        maker=row.get("m") is True,
        position_side=values.LEGS[row.get("ps", "BOTH")],
        at_ms=int(row["T"]),
    )


def _account_update(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    at = int(data["T"])
    return tuple([Held(_position(row), at) for row in data["a"].get("P", ())])


def _position(row: Mapping[str, Any]) -> Position:
    return Position(
        symbol=row["s"],
        quantity=number(row["pa"]),
        entry_price=number(row["ep"]),
        position_side=values.LEGS[row.get("ps", "BOTH")],
        unrealised=number(row.get("up", "")),
        margin_mode=values.MARGINS.get(row.get("mt", "cross"), MarginMode.CROSS),
    )


def _margin_call(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    return (MarginCall(tuple([row["s"] for row in data["p"]])),)


def _key_gone(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    return (StreamKeyGone(),) if data else ()


_EVENTS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[StreamEvent]]] = {
    "depthUpdate": _delta,
    "ORDER_TRADE_UPDATE": _order_update,
    "ACCOUNT_UPDATE": _account_update,
    "MARGIN_CALL": _margin_call,
    "listenKeyExpired": _key_gone,
}
