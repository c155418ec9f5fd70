"""The line protocol between us and a witness: one JSON object a line, in both directions.

``hello``  who are you?                         -> ``sdk``, ``version``, ``runtime``
``send``   make this logical request with this
           key at this time, to this address    -> ``signed``: what the SDK signed; the request
                                                   itself is captured on loopback
``sign``   sign these parameters, send nothing  -> ``signed`` and ``signature``

A guest answers every line with one line that repeats its ``number``. What the SDK refuses is an
answer too (``refused``); a crash, silence or nonsense is an :class:`OracleError`.

Values are JSON, but for one: ``{"$decimal": "0.10"}`` is a decimal number where the language has
one, and its text elsewhere.
"""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.contracts.adapter import Credentials
from conformance.errors import OracleError


class Logical(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a trader wants to ask, before any SDK has put it into bytes."""

    method: str
    """HTTP verb, or ``WS`` for a text frame of the venue's WebSocket API."""
    path: str
    """Path of the endpoint, or the method name inside a text frame."""
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request byte for byte; every byte of it is valid UTF-8."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    """Fields in the order of the wire, names lower-cased."""
    body: str


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A throw-away key as it travels to a guest."""

    kind: str
    key: str
    secret: str
    passphrase: str = ""


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line to a guest."""

    do: str
    number: int = 0
    logical: Logical | None = None
    key: Key | None = None
    now_ms: int = 0
    window_ms: int = 0
    """How long the request may be under way; 0 where the SDK's own is meant."""
    rest: str = ""
    """Base URL of the capture of HTTP requests."""
    frames: str = ""
    """Base URL of the capture of text frames."""


class Answer(msgspec.Struct, frozen=True):
    """One line from a guest."""

    number: int
    sdk: str = ""
    version: str = ""
    runtime: str = ""
    signed: str | None = None
    """The very text that the SDK signed, None when it signed nothing."""
    signature: str = ""
    frame: str = ""
    """A text frame that the SDK composed but that was not sent over a socket."""
    refused: str = ""
    """Why the SDK did not make the request."""
    failed: str = ""
    """What went wrong after it had signed; the request may have been sent or not."""


def key_of(credentials: Credentials) -> Key:
    """Return credentials as they travel to a guest."""
    return Key(credentials.kind, credentials.key, credentials.secret, credentials.passphrase)


def line(ask: Ask) -> str:
    """Return the line that carries ``ask``."""
    return msgspec.json.encode(ask).decode() + "\n"


def answer(text: str, *, witness: str) -> Answer:
    """Read one line of a guest. Raises OracleError when it is not an answer."""
    try:
        return msgspec.json.decode(text, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OracleError(
            f"{witness} answered nonsense: {text[:120]!r} ({error})",
            hint="the SDK prints to standard output, or its environment is damaged: "
            "run `conformance vectors build --fresh`",
        ) from error
