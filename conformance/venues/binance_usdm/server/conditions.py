"""Troubles on demand: each ``Condition`` in the venue's own words.

Source: usds-margined-futures/general-info HTTP Return Codes and error-code, 2026-05-28.
"""

from __future__ import annotations

from conformance.model.ids import Millis
from conformance.model.wire import Condition, Operation, WireReply
from conformance.venues.binance_usdm.facts import ERRORS, FACTS
from conformance.venues.binance_usdm.server.refusals import error_body
from conformance.venues.outages import OUTAGES

_TEXTS = FACTS["conditions"]
_RETRY = FACTS["headers"]["retry_after"]
_MINUTE_MS: Millis = 60_000
_ORDER_WINDOW_MS: Millis = 10_000
_BAN_MS: Millis = FACTS["switches"]["ban_ms"]["default"]
_PEER = "127.0.0.1"
_PLACING = (Operation.PLACE, Operation.PLACE_BATCH, Operation.PLACE_TEST)

_CODES = {
    Condition.ORDER_RATE_EXCEEDED: (-1015, ""),
    Condition.THROTTLED: (-1003, ""),
    Condition.TIMEOUT_UNKNOWN: (-1007, ""),
    Condition.BUS_UNKNOWN: (-1006, ""),
    Condition.CLOCK_AHEAD: (-1021, "clock_ahead"),
    Condition.CLOCK_LATE: (-1021, ""),
    Condition.BAD_SIGNATURE: (-1022, ""),
    Condition.BAD_KEY: (-2014, ""),
    Condition.NO_PERMISSION: (-2015, ""),
    Condition.INSUFFICIENT_MARGIN: (-2019, ""),
    Condition.UNKNOWN_ORDER: (-2011, ""),
    Condition.NO_SUCH_ORDER: (-2013, ""),
    Condition.STREAM_KEY_UNKNOWN: (-1125, ""),
    Condition.MAINTENANCE: (-1016, "maintenance"),
    Condition.OVERLOADED_UNKNOWN: (-1000, "unknown_503"),
    Condition.OVERLOADED_REFUSED: (-1008, "overloaded"),
}
"""Conditions that are one row of the error table, and the text where it is not the row's."""

_ALREADY = {
    Operation.SET_MARGIN_MODE: -4046,
    Operation.SET_POSITION_MODE: -4059,
    Operation.AMEND: -5027,
}

_BODIES = {
    **OUTAGES,
    Condition.TRUNCATED_BODY: WireReply(200, b'{"clientOrderId":"'),
}
"""Conditions that are no JSON error at all."""


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
    status, code, words = _words(condition, operation)
    silence_ms = retry_after_ms
    if silence_ms is None:
        silence_ms = _usual_silence(condition, at)
    if condition is Condition.BANNED:
        words = words.format(peer=_PEER, until=at + (silence_ms or 0))
    reply = WireReply(status, error_body(code, text or words))
    return reply if silence_ms is None else _retry_after(reply, silence_ms)


def _words(condition: Condition, operation: Operation) -> tuple[int, int, str]:
    """Return status, code and message."""
    if condition is Condition.BANNED:
        return 418, -1003, _TEXTS["banned"]
    if condition is Condition.INTERNAL_ERROR:
        return 500, -1000, _TEXTS["internal"]
    if condition is Condition.NOVEL_CODE:
        return 400, _TEXTS["novel_code"], _TEXTS["novel_text"]
    if condition is Condition.OVERLOADED_REFUSED and operation not in _PLACING:
        return 503, -1001, _TEXTS["unavailable"]
    if condition is Condition.ALREADY_DONE:
        code, key = _ALREADY.get(operation, -4046), ""
    else:
        code, key = _CODES[condition]
    return ERRORS[code].status, code, _TEXTS[key] if key else ERRORS[code].text


def _usual_silence(condition: Condition, at: Millis) -> int | None:
    if condition is Condition.BANNED:
        return _BAN_MS
    if condition is Condition.THROTTLED:
        return _MINUTE_MS - at % _MINUTE_MS
    if condition is Condition.ORDER_RATE_EXCEEDED:
        return _ORDER_WINDOW_MS - at % _ORDER_WINDOW_MS
    return None


def _retry_after(reply: WireReply, left_ms: Millis) -> WireReply:
    seconds = str(-(-left_ms // 1000))
    return WireReply(reply.status, reply.body, ((_RETRY, seconds),), reply.content_type)
