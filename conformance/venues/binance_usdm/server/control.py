"""Control messages on a stream: SUBSCRIBE and its kin, with the venue's error objects.

Source: usds-margined-futures/websocket-market-streams Live-Subscribing, 2026-05-28; string ids
are echoed in practice (SDK 18.1.0 sends UUIDs).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_SHOWN = ", ".join(f"`{name}`" for name in _METHODS)
_UNSIGNED_MAX = 2**64


class Answer(NamedTuple):
    """One answer, and whether the venue hangs up after it."""

    text: bytes
    fatal: bool = False


class Asked(Exception):
    """A control message the venue answers with an error object."""

    def __init__(self, code: int, text: str, number: object = None) -> None:
        super().__init__(text)
        self.answer = Answer(
            orjson.dumps({"error": {"code": code, "msg": text}, "id": number}), fatal=code == 3
        )


class Control(NamedTuple):
    """What control messages do to their connection."""

    subscribe: Callable[[list[str]], None]
    unsubscribe: Callable[[list[str]], None]
    listed: Callable[[], list[str]]
    combined: Callable[[], bool]
    combine: Callable[[bool], None]


def answer(payload: bytes, control: Control) -> Answer:
    """Carry out one control message and return what the venue answers."""
    try:
        message, number = _message(payload)
        return Answer(orjson.dumps({"result": _result(message, number, control), "id": number}))
    except Asked as asked:
        return asked.answer


def _message(payload: bytes) -> tuple[dict[str, Any], int | str]:
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Asked(
            3, f"Invalid JSON: expected value at line {error.lineno} column {error.colno}"
        ) from None
    if not isinstance(message, dict) or "method" not in message:
        raise Asked(
            2,
            f"Invalid request: missing field `method` at line 1 column {len(payload)}",
            _number(message.get("id")) if isinstance(message, dict) else None,
        )
    number = _number(message.get("id"))
    if number is None:
        raise Asked(2, "Invalid request: request ID must be an unsigned integer")
    if message["method"] not in _METHODS:
        raise Asked(
            2,
            f"Invalid request: unknown variant {message['method']}, expected one of {_SHOWN} "
            f"at line 1 column {payload.find(b':') + len(str(message['method'])) + 3}",
            number,
        )
    return message, number


def _number(value: object) -> int | str | None:
    """Return an id that the venue echoes, or None: negative, fractional and missing ones."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _UNSIGNED_MAX:
        return value
    return None


def _result(message: dict[str, Any], number: int | str, control: Control) -> object:
    method, params = message["method"], message.get("params", [])
    if method == "LIST_SUBSCRIPTIONS":
        return control.listed()
    if not isinstance(params, list):
        raise Asked(2, "Invalid request: invalid type, expected a sequence", number)
    if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
        if not all(isinstance(name, str) for name in params):
            raise Asked(2, "Invalid request: invalid type, expected a string", number)
        (control.subscribe if method == "SUBSCRIBE" else control.unsubscribe)(params)
        return None
    return _property(method, params, number, control)


def _property(method: str, params: list[Any], number: int | str, control: Control) -> object:
    writing = method == "SET_PROPERTY"
    if not params or not isinstance(params[0], str):
        raise Asked(2, "Invalid request: property name must be a string", number)
    if len(params) > 1 + writing:
        raise Asked(2, "Invalid request: too many parameters", number)
    if params[0] != "combined":
        raise Asked(0, "Unknown property", number)
    if not writing:
        return control.combined()
    if len(params) != 2 or not isinstance(params[1], bool):
        raise Asked(1, "Invalid value type: expected Boolean", number)
    control.combine(params[1])
    return None
