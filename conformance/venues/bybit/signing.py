"""Signatures of Bybit v5: HMAC-SHA256 in hex, or RSA PKCS#1 v1.5 with SHA-256 in base64.

A request signs ``timestamp + key + recvWindow + payload``, nothing between them, where the payload
is the query string of a GET or the body of a POST byte for byte as transmitted; a WebSocket login
signs ``GET/realtime + expires`` (docs/v5/guide and websocket/wss-authentication, 2026-07-24).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from conformance.model.wire import WireRequest
from conformance.venues.bybit.facts import FACTS
from conformance.venues.keys import Key

KEY: str = FACTS["headers"]["key"]
STAMP: str = FACTS["headers"]["timestamp"]
WINDOW: str = FACTS["headers"]["window"]
SIGNATURE: str = FACTS["headers"]["signature"]
"""Names of the header fields, in lower case."""
_FIELDS = (KEY, STAMP, WINDOW, SIGNATURE)


class Verdict(Enum):
    """What a check of a signature found."""

    VALID = auto()
    UNSIGNED = auto()
    """Key, timestamp or signature is missing."""
    UNKNOWN_KEY = auto()
    INVALID = auto()


class Signed(NamedTuple):
    """A request taken apart for the check of its signature; what was not sent is empty."""

    key: str
    timestamp: str
    window: str
    signature: str
    payload: bytes

    @property
    def origin(self) -> bytes:
        """The bytes that are signed."""
        return origin(self.timestamp, self.key, self.window, self.payload)

    def verdict(self, find: Callable[[str], Key | None]) -> Verdict:
        """Say whether the signature holds; ``find`` returns the secret behind a key, or None."""
        if not (self.key and self.timestamp and self.signature):
            return Verdict.UNSIGNED
        key = find(self.key)
        if key is None:
            return Verdict.UNKNOWN_KEY
        return Verdict.VALID if key.verify(self.origin, self.signature) else Verdict.INVALID


def cut(request: WireRequest) -> Signed:
    """Take a request apart."""
    fields = {name: value for name, value in request.headers if name in _FIELDS}
    payload = request.query if request.method == "GET" else request.body
    key, stamp, window, signature = (fields.get(name, "") for name in _FIELDS)
    return Signed(key, stamp, window, signature, payload)


def origin(timestamp: str, key: str, window: str, payload: bytes) -> bytes:
    """Return the bytes that a request signs."""
    return f"{timestamp}{key}{window}".encode() + payload


def login(expires: str) -> bytes:
    """Return the bytes that a WebSocket login signs."""
    return f"GET/realtime{expires}".encode()
