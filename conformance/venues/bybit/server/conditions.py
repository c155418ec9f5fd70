"""Troubles on demand: each ``Condition`` in the venue's own words.

Source: docs/v5/error and rate-limit, 2026-07-24, and captured replies.
"""

from __future__ import annotations

from conformance.model.ids import Millis
from conformance.model.wire import Condition, Headers, Operation, WireReply
from conformance.venues.bybit.facts import ERRORS, FACTS
from conformance.venues.bybit.server.answers import Answer, envelope
from conformance.venues.bybit.server.gate import clock_text
from conformance.venues.outages import OUTAGES

_TEXTS = FACTS["conditions"]
_NAMES = FACTS["headers"]
_WINDOW_MS: Millis = FACTS["time"]["window_ms"]
_SKEW_MS: Millis = 60_000
_FORBIDDEN: int = FACTS["limits"]["requests"]["code"]
_CODES = {
    Condition.THROTTLED: (10006, ""),
    Condition.ORDER_RATE_EXCEEDED: (10006, ""),
    Condition.TIMEOUT_UNKNOWN: (10000, ""),
    Condition.BUS_UNKNOWN: (10016, "timeout"),
    Condition.OVERLOADED_UNKNOWN: (429, ""),
    Condition.OVERLOADED_REFUSED: (110079, ""),
    Condition.BAD_SIGNATURE: (10004, ""),
    Condition.BAD_KEY: (10003, ""),
    Condition.NO_PERMISSION: (10005, ""),
    Condition.INSUFFICIENT_MARGIN: (110007, ""),
    Condition.UNKNOWN_ORDER: (110001, ""),
    Condition.NO_SUCH_ORDER: (110001, ""),
    Condition.STREAM_KEY_UNKNOWN: (10003, ""),
    Condition.MAINTENANCE: (110063, ""),
}
"""Conditions that are one row of the error table, and the text where it is not the row's."""
_ALREADY = {
    Operation.SET_LEVERAGE: 110043,
    Operation.SET_MARGIN_MODE: 110026,
    Operation.SET_POSITION_MODE: 110025,
}
_BODIES = {
    **OUTAGES,
    Condition.TRUNCATED_BODY: WireReply(200, b'{"retCode":0,"retMsg":"OK","result":{"or'),
    Condition.INTERNAL_ERROR: WireReply(500, b"", content_type="text/plain"),
}
"""Conditions that are no envelope at all."""


def refusal(
    condition: Condition,
    operation: Operation,
    at: Millis,
    *,
    retry_after_ms: int | None = None,
    text: str = "",
) -> WireReply:
    """Return the venue's answer for a trouble, whatever the request was.

    ``retry_after_ms``: the silence asked for, None for the usual; ``text`` replaces the message.
    """
    if condition in _BODIES:
        return _BODIES[condition]
    if condition is Condition.BANNED:
        return forbidden()
    code, words = _words(condition, operation, at)
    body = envelope(code, Answer(text=text or words), at)
    throttled = code == 10006
    silence_ms = _usual_ms(retry_after_ms) if throttled else 0
    return WireReply(200, body, _spent(at + silence_ms) if throttled else ())


def forbidden() -> WireReply:
    """Return what a banned address gets: HTTP 403 without an envelope."""
    return WireReply(_FORBIDDEN, _TEXTS["banned"].encode(), content_type="text/plain")


def _words(condition: Condition, operation: Operation, at: Millis) -> tuple[int, str]:
    """Return code and message."""
    if condition in (Condition.CLOCK_AHEAD, Condition.CLOCK_LATE):
        skew = _SKEW_MS if condition is Condition.CLOCK_AHEAD else -_SKEW_MS
        return 10002, clock_text(at + skew, at, _WINDOW_MS)
    if condition is Condition.NOVEL_CODE:
        return _TEXTS["novel_code"], _TEXTS["novel_text"]
    if condition is Condition.ALREADY_DONE:
        code = _ALREADY.get(operation, 34040)
        return code, ERRORS[code].text
    code, key = _CODES[condition]
    return code, _TEXTS[key] if key else ERRORS[code].text


def _usual_ms(retry_after_ms: int | None) -> int:
    usual: int = FACTS["limits"]["create"]["window_ms"]
    return usual if retry_after_ms is None else retry_after_ms


def _spent(reset: Millis) -> Headers:
    return ((_NAMES["limit"], "10"), (_NAMES["left"], "0"), (_NAMES["reset"], str(reset)))
