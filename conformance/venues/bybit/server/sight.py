"""Say what the venue's own bytes are about, for whoever only looks on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from conformance.model.wire import Topic, WireReply
from conformance.venues.bybit.facts import FACTS

_PRIVATE: str = FACTS["streams"]["paths"]["private"]
_TOPICS: Mapping[str, Topic] = {
    "orderbook": Topic.BOOK,
    "publicTrade": Topic.TRADES,
    "allLiquidation": Topic.TRADES,
    "tickers": Topic.TICKER,
    "kline": Topic.CANDLES,
    "order": Topic.ORDERS,
    "execution": Topic.FILLS,
    "position": Topic.ACCOUNT,
    "wallet": Topic.ACCOUNT,
    "greeks": Topic.ACCOUNT,
}


def topic(text: bytes) -> Topic:
    """Return what a pushed frame is about; answers to control messages carry no topic."""
    data = _parsed(text)
    name = data.get("topic") if isinstance(data, dict) else None
    if not isinstance(name, str):
        return Topic.CONTROL
    return topic_of(name)


def topic_of(name: str) -> Topic:
    """Return what the frames of a topic are about."""
    return _TOPICS.get(name.partition(".")[0], Topic.TICKER)


def private(path: str, query: str) -> bool:
    """Say whether a handshake asks for account events."""
    del query
    return path == _PRIVATE


def code(reply: WireReply) -> str:
    """Return the venue's code of a refusal, or nothing."""
    data = _parsed(reply.body)
    found = data.get("retCode") if isinstance(data, dict) else None
    if found is None and reply.status != 200:
        return str(reply.status)
    return str(found) if found else ""


def _parsed(text: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
