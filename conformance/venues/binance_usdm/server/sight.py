"""Say what the venue's own bytes are about, for whoever only looks on.

Event names: usds-margined-futures/websocket-market-streams and user-data-streams, 2026-05-28.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from conformance.model.wire import Topic, WireReply
from conformance.venues.binance_usdm.server.hub import wish

_TOPICS: Mapping[str, Topic] = {
    "depthUpdate": Topic.BOOK,
    "trade": Topic.TRADES,
    "aggTrade": Topic.TRADES,
    "bookTicker": Topic.TICKER,
    "24hrTicker": Topic.TICKER,
    "24hrMiniTicker": Topic.TICKER,
    "markPriceUpdate": Topic.MARK,
    "kline": Topic.CANDLES,
    "continuous_kline": Topic.CANDLES,
    "ORDER_TRADE_UPDATE": Topic.ORDERS,
    "TRADE_LITE": Topic.FILLS,
    "ACCOUNT_UPDATE": Topic.ACCOUNT,
    "ACCOUNT_CONFIG_UPDATE": Topic.ACCOUNT,
    "MARGIN_CALL": Topic.ACCOUNT,
    "listenKeyExpired": Topic.STREAM_KEY,
}
_SUCCESS = 200


def topic(text: bytes) -> Topic:
    """Return what a pushed frame is about; answers to control messages carry no event name."""
    data = _parsed(text)
    if isinstance(data, dict) and "stream" in data:
        data = data.get("data")
    if isinstance(data, list):
        data = data[0] if data else None
    name = data.get("e") if isinstance(data, dict) else None
    return _TOPICS.get(name, Topic.CONTROL) if isinstance(name, str) else Topic.CONTROL


def private(path: str, query: str) -> bool:
    """Say whether a handshake asks for account events: a key, or a name that is no feed."""
    asked = wish(path, query)
    if asked is None:
        return False
    feeds = all("@" in name or name.startswith("!") for name in asked.names)
    return bool(asked.keys) or not feeds


def code(reply: WireReply) -> str:
    """Return the venue's code of a refusal, or nothing."""
    data = _parsed(reply.body)
    found = data.get("code") if isinstance(data, dict) else None
    if found is None or found in (_SUCCESS, str(_SUCCESS)):
        return "404" if reply.status == 404 else ""
    return str(found)


def _parsed(text: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
