"""Driver of Bybit's official SDK for Python, run by ``guest.py`` in its own environment."""

import importlib
from collections.abc import Callable
from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""What belongs to the SDK: it has no types here, where it is not installed."""

SDK = "pybit"

_clients: dict[tuple[str, ...], Foreign] = {}


def _sdk(name: str) -> Foreign:
    return importlib.import_module(name)


def watch(note: Callable[[str], None]) -> None:
    """Note every text that the SDK signs, over REST and in a login."""
    for name in ("pybit._http_manager", "pybit._websocket_stream"):
        module = _sdk(name)
        module.generate_signature = _noting(module.generate_signature, note)


def _noting(real: Callable[..., str], note: Callable[[str], None]) -> Callable[..., str]:
    def signing(use_rsa: Foreign, secret: str, text: str) -> str:
        note(text)
        return real(use_rsa, secret, text)

    return signing


def send(ask: dict[str, Any]) -> str:
    """Make the request as every private call of the SDK does; a login is composed only."""
    logical = ask["logical"]
    if logical["method"] == "WS":
        return _login(ask)
    client = _client(ask)
    path = client.endpoint + logical["path"]
    asked = dict(logical.get("query", {}) | logical.get("body", {}))
    client._submit_request(  # noqa: SLF001 - as the SDK's own calls do
        method=logical["method"], path=path, query=asked, auth=True
    )
    return ""


def sign(ask: dict[str, Any]) -> str:
    """Sign parameters as the SDK writes them."""
    logical = ask["logical"]
    asked = dict(logical.get("query", {}) | logical.get("body", {}))
    client = _client(ask)
    payload = client.prepare_payload(logical["method"], client._clean_query(asked))  # noqa: SLF001
    window_ms = ask.get("window_ms") or client.recv_window
    return str(client._auth(payload, window_ms, ask["now_ms"]))  # noqa: SLF001


def _client(ask: dict[str, Any]) -> Foreign:
    key, address = ask["key"], ask.get("rest", "")
    known = (address, key["key"], key["secret"])
    if known not in _clients:
        client = _sdk("pybit.unified_trading").HTTP(
            api_key=key["key"],
            api_secret=key["secret"],
            rsa_authentication=key["kind"] == "rsa",
            timeout=20,
            max_retries=1,
            retry_delay=0,
        )
        client.endpoint = address
        _clients[known] = client
    return _clients[known]


class _Paper:
    """Stands for a socket: what is sent is written down."""

    def __init__(self) -> None:
        self.text = ""

    def send(self, text: str) -> None:
        self.text = text


def _login(ask: dict[str, Any]) -> str:
    """Let the SDK log in on paper: its own login needs a socket that is open already."""
    key, more = ask["key"], ask["logical"].get("query", {})
    manager = _sdk("pybit._websocket_stream")._WebSocketManager(  # noqa: SLF001
        None,
        "Private",
        testnet=False,
        rsa_authentication=key["kind"] == "rsa",
        api_key=key["key"],
        api_secret=key["secret"],
        private_auth_expire=more.get("expire_s", 1),
    )
    manager.ws = _Paper()
    manager._auth()  # noqa: SLF001
    return str(manager.ws.text)
