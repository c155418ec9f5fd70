"""Driver of ccxt for Python, run by ``guest.py`` in its own environment."""

import importlib
import re
from collections.abc import Callable
from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""What belongs to the SDK: it has no types here, where it is not installed."""

SDK = "ccxt"

_VERSIONS = {"v1": "", "v2": "V2", "v3": "V3"}
"""What ccxt calls the versions of Binance's futures; Bybit has one, ``v5``."""
_clients: dict[tuple[str, ...], Foreign] = {}
_notes: list[Callable[[str], None]] = []


def watch(note: Callable[[str], None]) -> None:
    """Note every text that ccxt signs."""
    _notes.append(note)


def send(ask: dict[str, Any]) -> None:
    """Make the request through ccxt's implicit call for the endpoint."""
    logical = ask["logical"]
    if logical["method"] == "WS":
        raise TypeError("ccxt composes text frames only inside its unified calls")
    version, _, rest = logical["path"].removeprefix("/fapi").lstrip("/").partition("/")
    words = re.split(r"[/_-]", rest)
    verb = logical["method"].capitalize()
    futures = f"fapiPrivate{_VERSIONS.get(version, '')}{verb}"
    name = futures if logical["path"].startswith("/fapi") else f"private{verb}{version.upper()}"
    name += "".join(word[:1].upper() + word[1:] for word in words)
    getattr(_client(ask), name)(logical.get("query", {}) | logical.get("body", {}))


def sign(ask: dict[str, Any]) -> str:
    """Sign parameters as ccxt signs those of a text frame."""
    client = _client(ask, pro=True)
    return str(client.sign_params(dict(ask["logical"].get("query", {})))["signature"])


def _client(ask: dict[str, Any], *, pro: bool = False) -> Foreign:
    key, address = ask["key"], ask.get("rest", "")
    known = (address, key["key"], key["secret"], str(pro))
    if known not in _clients:
        sdk: Foreign = importlib.import_module("ccxt.pro" if pro else "ccxt")
        futures = ask["logical"]["path"].startswith("/fapi")
        client = (sdk.binanceusdm if futures else sdk.bybit)(
            {"apiKey": key["key"], "secret": key["secret"], "enableRateLimit": False}
        )
        for version, name in _VERSIONS.items():
            client.urls["api"][f"fapiPrivate{name}"] = f"{address}/fapi/{version}"
        client.urls["api"]["private"] = address
        client.uuid22 = lambda *_: "0" * 22
        _listen(client)
        _clients[known] = client
    # ccxt keeps a reference to the real clock of its own
    _clients[known].milliseconds = lambda: ask["now_ms"]
    return _clients[known]


def _listen(client: Foreign) -> None:
    """Note what passes through the three ways in which ccxt signs."""
    for name in ("hmac", "rsa", "eddsa"):
        setattr(client, name, _noting(getattr(client, name)))


def _noting(real: Callable[..., str]) -> Callable[..., str]:
    def signing(request: str | bytes, *rest: Foreign) -> str:
        for note in _notes:
            note(request if isinstance(request, str) else request.decode("utf-8"))
        return real(request, *rest)

    return signing
