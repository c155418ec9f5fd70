"""Signatures of Binance futures: HMAC-SHA256, RSA PKCS#1 v1.5 with SHA-256, and Ed25519.

The payload is the query string followed by the body, each without its ``signature`` field,
with nothing between them, byte for byte as transmitted (usds-margined-futures/general-info,
SIGNED Endpoint Security, 2026-05-28).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote_plus, unquote_to_bytes

from conformance.venues.keys import key

_FIRST, _LATER = b"signature=", b"&signature="


def sign(kind: str, secret: str, payload: bytes) -> str:
    """Return the value of the ``signature`` field, percent-encoded where base64 needs it."""
    return quote(key(kind, secret).sign(payload), safe="")


class Cut(NamedTuple):
    """A request taken apart for the check of its signature."""

    payload: bytes
    signature: str | None
    """Decoded text, or None when no field of that name was sent."""


def cut(query: bytes, body: bytes) -> Cut:
    """Take the trailing ``signature`` field off the query or the body.

    A field that is not the last one stays in the payload and so cannot verify: the venue wants
    it last.
    """
    head, found = _off(query)
    if found is not None:
        return Cut(head + body, found)
    head, found = _off(body)
    return Cut(query + head, found)


def decoded(payload: bytes) -> bytes:
    """Return the payload as a venue would see it that decodes before it verifies."""
    return unquote_to_bytes(payload.replace(b"+", b" "))


def _off(part: bytes) -> tuple[bytes, str | None]:
    at = part.rfind(_LATER)
    if at >= 0:
        value = part[at + len(_LATER) :]
    elif part.startswith(_FIRST):
        at, value = 0, part[len(_FIRST) :]
    else:
        return part, None
    if b"&" in value:
        return part, ""
    text = value.decode("latin-1")
    return part[:at], unquote_plus(text) if "%" in text or "+" in text else text
