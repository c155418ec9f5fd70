"""Driver of ccxt's Bybit for Python, run by ``guest.py`` in the environment of ``ccxt_sdk``."""

import importlib
import re
from collections.abc import Callable
from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""What belongs to the SDK: it has no types here, where it is not installed."""

SDK = "ccxt"

_clients: dict[tuple[str, ...], Foreign] = {}
_notes: list[Callable[[str], None]] = []


def watch(note: Callable[[str], None]) -> None:
    """Note every text that ccxt signs."""
    _notes.append(note)


def send(ask: dict[str, Any]) -> str:
    """Make the request through ccxt's implicit call for the endpoint."""
    logical = ask["logical"]
    if logical["method"] == "WS":
        raise TypeError("ccxt logs in only inside its unified calls")
    words = re.split(r"[/-]", logical["path"].removeprefix("/v5/"))
    name = f"private{logical['method'].capitalize()}V5"
    name += "".join(word[:1].upper() + word[1:] for word in words)
    getattr(_client(ask), name)(logical.get("query", {}) | logical.get("body", {}))
    return ""


def sign(_ask: dict[str, Any]) -> str:
    """Refuse: ccxt signs only what it sends."""
    raise TypeError("ccxt signs only what it sends")


def _client(ask: dict[str, Any]) -> Foreign:
    key, address = ask["key"], ask.get("rest", "")
    known = (address, key["key"], key["secret"])
    if known not in _clients:
        client = importlib.import_module("ccxt").bybit(
            {"apiKey": key["key"], "secret": key["secret"], "enableRateLimit": False}
        )
        client.urls["api"]["private"] = address
        for name in ("hmac", "rsa"):
            setattr(client, name, _noting(getattr(client, name)))
        _clients[known] = client
    # ccxt keeps a reference to the real clock of its own
    _clients[known].milliseconds = lambda: ask["now_ms"]
    return _clients[known]


def _noting(real: Callable[..., str]) -> Callable[..., str]:
    def signing(request: str | bytes, *rest: Foreign) -> str:
        for note in _notes:
            note(request if isinstance(request, str) else request.decode("utf-8"))
        return real(request, *rest)

    return signing
