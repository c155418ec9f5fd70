"""Say what came of a call: by code, by HTTP status, and by text in the one documented case.

usds-margined-futures/general-info, HTTP Return Codes, and error-code, both 2026-05-28.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from conformance.contracts.client import Call, Hint, Silence
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import WireReply
from conformance.venues.binance_usdm.facts import ERRORS, FACTS
from conformance.venues.reading import UNREADABLE, Json, line, parse

T = TypeVar("T")
_CERTAINLY_FAILED = frozenset({FACTS["conditions"]["unavailable"], ERRORS[-1001].text})
_BANNED_UNTIL = re.compile(r"banned until (\d{13})\b")
_BY_STATUS = {
    401: Category.AUTH,
    418: Category.BANNED,
    429: Category.THROTTLED,
}
_HINTS = {
    str(FACTS["refusals"]["duplicate-client-id"]): Hint.DUPLICATE,
    str(FACTS["refusals"]["position-side-mismatch"]): Hint.WRONG_MODE,
}
_ORDER_RATE = str(FACTS["limits"]["orders"]["code"])
_UNSPECIFIED = -1000
_SUCCESS = 200


def read(call: Call[T], reply: WireReply) -> Outcome[T]:
    """Return the outcome that the answer proves; never raises."""
    try:
        data = parse(reply.body)
    except ValueError:
        return _unreadable(reply)
    code = _code(data)
    if _SUCCESS <= reply.status < 300 and (code is None or code == _SUCCESS):
        try:
            return Accepted(call.decode(data))
        except UNREADABLE as error:
            return OutcomeUnknown(f"the answer cannot be read: {type(error).__name__}")
    return _refused(reply.status, code, _text(data))


def element(row: Json, decode: Callable[[Mapping[str, Any]], T]) -> Outcome[T]:
    """Return the outcome of one element of a batch answer."""
    code = _code(row)
    if code is not None and code != _SUCCESS:
        return _refused(400, code, _text(row))
    try:
        return Accepted(decode(row))
    except UNREADABLE as error:
        return OutcomeUnknown(f"an element cannot be read: {type(error).__name__}")


def hint(rejected: Rejected) -> Hint | None:
    """Return what the code says beyond its category."""
    return _HINTS.get(rejected.code)


def silence(reply: WireReply) -> Silence | None:
    """Return the pause that a 418 or 429 asks for; ``for_ms`` 0 when it does not say how long."""
    if reply.status not in (418, 429):
        return None
    banned = reply.status == 418
    code, text = _peek(reply)
    pools = ("orders", "orders-minute") if code == _ORDER_RATE and not banned else ()
    for name, value in reply.headers:
        if name == "retry-after" and value.isdecimal():
            return Silence(for_ms=int(value) * 1000, pools=pools, banned=banned)
    until = _BANNED_UNTIL.search(text)
    if until:
        return Silence(until_ms=int(until[1]), banned=banned)
    return Silence(pools=pools, banned=banned)


def usage(reply: WireReply) -> Mapping[str, int]:
    """Return used units by pool; -1 and other oddities are left out."""
    used = {}
    for name, value in reply.headers:
        pool = _USAGE.get(name)
        if pool and value.isdecimal():
            used[pool] = int(value)
    return used


_USAGE = {
    FACTS["headers"]["used_weight"]: "requests",
    FACTS["headers"]["order_count_10s"]: "orders",
    FACTS["headers"]["order_count_1m"]: "orders-minute",
}


def _refused(status: int, code: int | None, text: str) -> Outcome[Any]:
    category = _category(status, code, text)
    shown = "" if code is None else str(code)
    if category is Category.UNKNOWN:
        return OutcomeUnknown(f"HTTP {status} {shown} {text}".strip())
    return Rejected(category, shown or f"HTTP {status}", text)


def _category(status: int, code: int | None, text: str) -> Category:
    if status in (418, 429):
        return _BY_STATUS[status]
    # 503 comes in three kinds; without a telling code the text alone tells them apart.
    if status == 503 and code in (None, _UNSPECIFIED):
        return Category.RETRY if text in _CERTAINLY_FAILED else Category.UNKNOWN
    if status == 408:
        return Category.UNKNOWN
    row = ERRORS.get(code) if code is not None else None
    if row is not None:
        return Category(row.category)
    # A code in no document, or none at all: whether it was carried out is not known.
    return _BY_STATUS.get(status, Category.UNKNOWN)


def _unreadable(reply: WireReply) -> Outcome[Any]:
    category = _BY_STATUS.get(reply.status)
    if category is not None:
        return Rejected(category, f"HTTP {reply.status}", "")
    return OutcomeUnknown(f"HTTP {reply.status} whose body is no JSON")


def _code(data: Json) -> int | None:
    if not isinstance(data, dict) or "code" not in data:
        return None
    try:
        return int(data["code"])
    except (TypeError, ValueError):
        return None


def _text(data: Json) -> str:
    return line(data.get("msg", "") if isinstance(data, dict) else "")


def _peek(reply: WireReply) -> tuple[str, str]:
    try:
        data = parse(reply.body)
    except ValueError:
        return "", ""
    return str(_code(data)), _text(data)
