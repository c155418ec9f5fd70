"""Stream plans, frames into events, and the rule by which book deltas follow each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.contracts.client import (
    BookDelta,
    BookReset,
    Confirmed,
    Denied,
    Link,
    OrderNews,
    StreamEvent,
    StreamPlan,
)
from conformance.model.ids import Symbol
from conformance.venues.bybit.client import values
from conformance.venues.bybit.client.products import CATEGORIES, LINEAR, product
from conformance.venues.bybit.facts import FACTS
from conformance.venues.reading import UNREADABLE, levels, line, parse

_PATHS = FACTS["streams"]["paths"]
_BEAT_MS = 20_000
"""How often a ping is recommended (websocket/wss-authentication, 2026-07-24)."""
_BOOK = "orderbook.1000."
_RESTART = 1
"""``u`` of the first message after the service has restarted: it holds the whole book."""
_ANSWERED = ("auth", "subscribe")


def book_stream(symbols: Sequence[Symbol]) -> StreamPlan:
    """Plan the stream of whole books; one bad topic poisons its message, so each has its own."""
    opening = [_text("subscribe", [_BOOK + symbol]) for symbol in symbols]
    category = product(symbols[0]).category if symbols else LINEAR
    return StreamPlan(_PATHS[category], tuple(opening), beat=_text("ping"), beat_ms=_BEAT_MS)


def book_again(symbol: Symbol) -> Sequence[str]:
    """Return the messages upon which the book begins anew."""
    return [_text(op, [_BOOK + symbol]) for op in ("unsubscribe", "subscribe")]


def user_stream(login: Sequence[object]) -> StreamPlan:
    """Plan the account's stream: the login first, and when it holds the topics."""
    topics = ["order", "execution", "position", "wallet"]
    return StreamPlan(
        _PATHS["private"],
        (_text("auth", login), _text("subscribe", topics)),
        confirmed=True,
        beat=_text("ping"),
        beat_ms=_BEAT_MS,
    )


def events(frame: bytes | str) -> Sequence[StreamEvent]:
    """Decode one frame; raises ValueError when it is unreadable."""
    data = parse(frame)
    if not isinstance(data, dict):
        return ()
    try:
        topic = data.get("topic")
        if isinstance(topic, str):
            return _told(topic, data)
        return _control(data)
    except UNREADABLE as error:
        raise ValueError(f"an event without its fields: {type(error).__name__}") from None


def link(delta: BookDelta, sequence: int) -> Link:
    """Judge a delta: ``u`` grows by one from message to message of one depth.

    The pages say so of orderbook.full only, and "always in sequence" elsewhere; clients that
    demand it of orderbook.50 run in production (websocket/public/orderbook, 2026-07-24).
    """
    if delta.last <= sequence:
        return Link.STALE
    return Link.NEXT if delta.last == sequence + 1 else Link.GAP


def _text(op: str, args: Sequence[object] = ()) -> str:
    message: dict[str, object] = {"op": op}
    if args:
        message["args"] = list(args)
    return json.dumps(message, separators=(",", ":"))


def _control(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    """Read the answer to a message of ours; older and newer spellings are told apart by success."""
    if data.get("success") is False:
        return (Denied(line(data.get("ret_msg") or data.get("retMsg") or "")),)
    return (Confirmed(),) if data.get("op") in _ANSWERED else ()


def _told(topic: str, data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    name = topic.split(".", maxsplit=1)[0]
    if name == "orderbook":
        return _book(data)
    decode = _ROWS.get(name)
    if decode is None:
        return ()
    rows = [row for row in data["data"] if row.get("category", LINEAR) in CATEGORIES]
    return [event for row in rows for event in decode(row)]


def _book(data: Mapping[str, Any]) -> Sequence[StreamEvent]:
    body = data["data"]
    number = int(body["u"])
    if data["type"] == "snapshot" or number == _RESTART:
        return (BookReset(body["s"], values.snapshot(body)),)
    bids, asks = levels(body["b"]), levels(body["a"])
    return (BookDelta(body["s"], number, number, number - 1, bids, asks),)


def _execution(row: Mapping[str, Any]) -> Sequence[StreamEvent]:
    return (values.execution(row),) if values.trade(row) else ()


_ROWS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[StreamEvent]]] = {
    "order": lambda row: (OrderNews(values.order(row), None),),
    "execution": _execution,
    "position": lambda row: (values.held(row),),
}
