"""Say what came of a call: by retCode in a 200, by HTTP status otherwise (error, 2026-07-24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from conformance.contracts.client import Call, Hint, Silence
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import Operation, WireReply
from conformance.venues.bybit.facts import ENDPOINTS, ERRORS, FACTS
from conformance.venues.reading import UNREADABLE, Json, line, parse

T = TypeVar("T")
_SUCCESS, _REQUEST, _THROTTLED, _DUPLICATE = 0, 10001, 10006, 110072
# Texts of 10001, which covers nearly every cause: the last resort to tell two of them apart.
_WRONG_MODE = FACTS["refusals"]["position-side-mismatch"]["text"]
_UNCHANGED = FACTS["refusals"]["amend-nothing-changed"]["text"]
_BAN_TEXT = FACTS["conditions"]["banned"]
_BAN_MS = FACTS["switches"]["ban_ms"]["default"]
_BY_STATUS = {400: Category.REQUEST, 401: Category.AUTH, 404: Category.REQUEST}
_LIMIT, _LEFT, _RESET = (FACTS["headers"][name].lower() for name in ("limit", "left", "reset"))
POOLS = {
    row.path: "orders" if row.operation is Operation.PLACE else row.name
    for row in ENDPOINTS.values()
    if row.rate
}
"""The budget that an endpoint has for itself, by its path."""


class Absent(LookupError):
    """An answer without complaint does not hold what was asked for."""


def read(call: Call[T], reply: WireReply) -> Outcome[T]:
    """Return the outcome that the answer proves; never raises."""
    try:
        data = parse(reply.body)
    except ValueError:
        return _unreadable(reply)
    code = _code(data)
    if reply.status != 200 or code is None:
        return _refused(reply, code, _text(data))
    if code != _SUCCESS:
        return refusal(code, _text(data))
    try:
        return Accepted(call.decode(data))
    except Absent:
        return Rejected(Category.NOT_FOUND, "", "the venue does not list it")
    except UNREADABLE as error:
        return OutcomeUnknown(f"the answer cannot be read: {type(error).__name__}")


def refusal(code: int, text: str) -> Outcome[Any]:
    """Return the outcome that a retCode means; one of no document proves nothing."""
    row = ERRORS.get(code)
    category = Category(row.category) if row is not None else Category.UNKNOWN
    if code == _REQUEST and text == _UNCHANGED:
        category = Category.ALREADY
    if category is Category.UNKNOWN:
        return OutcomeUnknown(f"{code} {text}".strip())
    return Rejected(category, str(code), text)


def hint(rejected: Rejected) -> Hint | None:
    """Return what the refusal says beyond its category."""
    if rejected.code == str(_DUPLICATE):
        return Hint.DUPLICATE
    wrong_mode = rejected.code == str(_REQUEST) and rejected.text == _WRONG_MODE
    return Hint.WRONG_MODE if wrong_mode else None


def silence(call: Call[Any], reply: WireReply) -> Silence | None:
    """Return the pause that an answer asks for.

    10006 tells when the budget of this endpoint is renewed; a breach of the IP's limit is a ban
    of ten minutes (rate-limit, 2026-07-24); 429 does not say how long.
    """
    if reply.status == 403 and _BAN_TEXT in reply.body.decode("utf-8", "replace").lower():
        return Silence(for_ms=_BAN_MS, banned=True)
    if reply.status == 429:
        return Silence()
    if reply.status != 200 or _peek(reply) != _THROTTLED:
        return None
    pool = POOLS.get(call.path)
    until = _header(reply, _RESET)
    return Silence(until_ms=until or 0, pools=(pool,) if pool else ())


def usage(call: Call[Any], reply: WireReply) -> Mapping[str, int]:
    """Return the used units of the endpoint's own pool; every other answer tells nothing."""
    limit, left = _header(reply, _LIMIT), _header(reply, _LEFT)
    pool = POOLS.get(call.path)
    if pool is None or limit is None or left is None:
        return {}
    return {pool: max(0, limit - left)}


def _header(reply: WireReply, name: str) -> int | None:
    for key, value in reply.headers:
        if key.lower() == name and value.isdecimal():
            return int(value)
    return None


def _refused(reply: WireReply, code: int | None, text: str) -> Outcome[Any]:
    """Judge an answer that is not 200, or without a retCode."""
    if code:
        return refusal(code, text)
    if reply.status == 403 and _BAN_TEXT in text.lower():
        return Rejected(Category.BANNED, "HTTP 403", text)
    category = _BY_STATUS.get(reply.status)
    if category is None:
        return OutcomeUnknown(f"HTTP {reply.status} {text}".strip())
    return Rejected(category, f"HTTP {reply.status}", text)


def _unreadable(reply: WireReply) -> Outcome[Any]:
    text = reply.body.decode("utf-8", "replace")
    if reply.status == 403 and _BAN_TEXT in text.lower():
        return Rejected(Category.BANNED, "HTTP 403", line(text))
    if reply.status in _BY_STATUS:
        return Rejected(_BY_STATUS[reply.status], f"HTTP {reply.status}", "")
    return OutcomeUnknown(f"HTTP {reply.status} whose body is no JSON")


def _code(data: Json) -> int | None:
    code = data.get("retCode") if isinstance(data, dict) else None
    return code if isinstance(code, int) else None


def _text(data: Json) -> str:
    return line(data.get("retMsg", "") if isinstance(data, dict) else "")


def _peek(reply: WireReply) -> int | None:
    try:
        return _code(parse(reply.body))
    except ValueError:
        return None
