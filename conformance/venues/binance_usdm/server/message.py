"""One request of the WebSocket API: its JSON taken apart, and the text that was signed.

Source: usds-margined-futures/websocket-api-general-info, 2026-05-28. The signature covers all
parameters but itself, ordered by name and joined as ``name=value``; numbers and booleans may
come as JSON or as text, and the text signed is that of the value as sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

import orjson

from conformance.model.ids import Millis
from conformance.venues.binance_usdm.facts import FACTS, METHODS, Endpoint
from conformance.venues.binance_usdm.server.call import Call, integer, weight_of
from conformance.venues.binance_usdm.server.refusals import Refused, malformed
from conformance.venues.keys import Key

Id: TypeAlias = int | str | None
_LOOPBACK = "127.0.0.1"
"""Where every client is: streams and requests of one machine share its limits."""
_UNESCAPED = "!~*'()"
"""What JavaScript's encodeURIComponent leaves alone beside Python's ``quote``."""
_FLAG = "returnRateLimits"
_ID_MAX = 2**63


class _Fraction(str):
    """A JSON number with a fraction or an exponent, as its text."""

    __slots__ = ()


class Message(NamedTuple):
    """One request as it was sent."""

    number: Id
    endpoint: Endpoint
    values: Mapping[str, str]
    """Text of each parameter by its name as sent; null is left out."""
    limits_wanted: bool | None
    """What ``returnRateLimits`` says, None when it was not sent."""

    def param(self, name: str) -> str:
        """Return the text of a parameter, or nothing."""
        return self.values.get(name, "")


class Unread(Exception):
    """A message that is no request; ``number`` is its id where it has one."""

    def __init__(self, refused: Refused, number: Id = None) -> None:
        super().__init__(refused.code)
        self.refused = refused
        self.number = number


class Spoken(Call):
    """A request of the WebSocket API as the handlers see it."""

    __slots__ = ()

    def __init__(self, message: Message, at: Millis) -> None:
        self.peer = _LOOPBACK
        self.at = at
        self.code = ""
        self.used = 0
        self.counts = ()
        self.trouble = None
        self.params = {name.lower(): value for name, value in message.values.items()}
        self.endpoint = message.endpoint
        self.key = ""
        self.account = ""
        self.signature = None
        self.signature_valid = None
        self.timestamp_ms = integer(self.params.get("timestamp"))
        self.window_ms = integer(self.params.get("recvwindow"))
        self.weight = weight_of(message.endpoint, self.params)


def read(payload: bytes) -> Message:
    """Take a text frame apart; raise Unread when it is no request of this API."""
    try:
        orjson.loads(payload)  # strict: UTF-8, no lone surrogates, no NaN, not too deep
    except orjson.JSONDecodeError:
        raise Unread(Refused(-1013)) from None
    found = json.loads(payload, parse_float=_Fraction)
    if not isinstance(found, dict):
        raise Unread(Refused(-1013))
    number = _number(found)
    name = found.get("method")
    if not isinstance(name, str) or not name:
        raise Unread(malformed("method"), number)
    endpoint = METHODS.get(name.removeprefix("v1/"))
    if endpoint is None:
        raise Unread(Refused(-1020), number)
    params = found.get("params") or {}
    if not isinstance(params, dict):
        raise Unread(malformed("params"), number)
    values = {key: _text(value) for key, value in params.items() if value is not None}
    wanted = values.get(_FLAG)
    return Message(number, endpoint, values, None if wanted is None else wanted == "true")


def signed(key: Key, message: Message, form: str) -> bool:
    """Say whether the message carries the signature of its parameters.

    ``form``: whether values were signed plain, percent-encoded, or either.
    """
    signature = message.param("signature")
    pairs = sorted(item for item in message.values.items() if item[0] != "signature")
    texts = []
    if form != "encoded":
        texts.append("&".join(f"{name}={value}" for name, value in pairs))
    if form != "plain":
        form_encoded = urlencode(pairs)
        escaped = ((name, quote(value, safe=_UNESCAPED)) for name, value in pairs)
        texts.append(form_encoded)  # Python
        texts.append("&".join(f"{name}={value}" for name, value in escaped))  # JavaScript
        texts.append(form_encoded.replace("~", "%7E").replace("%2A", "*"))  # Rust
    return any(key.verify(text.encode(), signature) for text in dict.fromkeys(texts))


def reply(
    number: Id, status: int, content: bytes, limits: list[dict[str, Any]] | None, *, failed: bool
) -> bytes:
    """Return one answer; ``content`` is the result, or the error object of a failed request."""
    word = b"error" if failed else b"result"
    rows = b"" if limits is None else b',"rateLimits":' + orjson.dumps(limits)
    return b'{"id":%b,"status":%d,"%b":%b%b}' % (
        orjson.dumps(number),
        status,
        word,
        content,
        rows,
    )


def without(names: list[str], body: str | bytes) -> bytes:
    """Return a JSON object without some of its names."""
    found: dict[str, Any] = orjson.loads(body)
    for name in names:
        found.pop(name, None)
    return orjson.dumps(found)


LEFT_OUT: Mapping[str, list[str]] = {
    row["name"]: row["without"] for row in FACTS["methods"]["rows"] if "without" in row
}
"""What the reply of a method leaves out of the one of its endpoint."""


def _text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _number(found: Mapping[str, object]) -> Id:
    """Return the id of a request: an integer, a text, or null; but it must be there."""
    number = found.get("id", False)
    if number is None or (isinstance(number, str) and not isinstance(number, _Fraction)):
        return number
    if isinstance(number, int) and not isinstance(number, bool) and abs(number) < _ID_MAX:
        return number
    raise Unread(malformed("id"))
