"""Bybit's official SDK for Python, pointed at other endpoints and otherwise unmodified.

Extra: ``peers``. Its REST client is synchronous and its streams live in threads of their own: play
it against a real-time venue (``conformance sim --venue bybit``), not in virtual time. Hosts are
constants of its modules, which are changed while a client is made; REST has an attribute for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pybit import _websocket_trading, unified_trading

from conformance.contracts.adapter import Credentials, Endpoints


def http(endpoints: Endpoints, credentials: Credentials) -> unified_trading.HTTP:
    """Make the REST client."""
    client = unified_trading.HTTP(**_keys(credentials))
    client.endpoint = endpoints.rest
    if endpoints.ca_file:
        client.client.verify = endpoints.ca_file
    return client


def public(endpoints: Endpoints, category: str = "linear") -> unified_trading.WebSocket:
    """Make and connect a client of public streams."""
    with _moved(unified_trading, "PUBLIC_WSS", endpoints):
        return unified_trading.WebSocket(channel_type=category, testnet=True)


def private(endpoints: Endpoints, credentials: Credentials) -> unified_trading.WebSocket:
    """Make and connect a client of the account's stream, and log it in."""
    with _moved(unified_trading, "PRIVATE_WSS", endpoints):
        return unified_trading.WebSocket(channel_type="private", **_keys(credentials))


def trading(endpoints: Endpoints, credentials: Credentials) -> unified_trading.WebSocketTrading:
    """Make and connect a client that trades by stream, and log it in."""
    with _moved(_websocket_trading, "TRADE_WSS", endpoints):
        return unified_trading.WebSocketTrading(**_keys(credentials))


def _keys(credentials: Credentials) -> dict[str, Any]:
    return {
        "testnet": True,
        "api_key": credentials.key,
        "api_secret": credentials.secret,
        "rsa_authentication": credentials.kind == "rsa",
    }


@contextmanager
def _moved(module: Any, name: str, endpoints: Endpoints) -> Iterator[None]:  # noqa: ANN401
    """Let a constant of the SDK name our endpoints while a client is made."""
    theirs: str = getattr(module, name)
    setattr(module, name, endpoints.streams + theirs[theirs.index("/v5") :])
    try:
        yield
    finally:
        setattr(module, name, theirs)
