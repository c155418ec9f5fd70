"""Parameters of a request: the fields of a query, or the members of a JSON body.

Unknown names are ignored. Numbers may come as text or as JSON numbers, since SDKs send either
(docs/v5/guide, 2026-07-24; pybit and ccxt of 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import unquote, unquote_plus

import orjson

from conformance.model.wire import WireRequest
from conformance.venues.bybit.server.answers import Refused, invalid
from conformance.venues.numbers import is_plain

Params: TypeAlias = Mapping[str, Any]
"""Values by name, as sent."""

_LONG_DIGITS = 18
_TRUTHS = {True: True, False: False, "true": True, "false": False, "": False}


def parse(request: WireRequest) -> Params:
    """Return the parameters of a request; raise Refused (10001) when its body is no JSON object."""
    if request.method == "GET":
        pairs = [part.partition("=") for part in request.query.decode("latin-1").split("&") if part]
        return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Refused(10001) from None
    if not isinstance(found, dict):
        raise Refused(10001)
    return found


def optional(params: Params, name: str) -> str:
    """Return a value as text, empty when none was sent; raise Refused (10001) for a structure."""
    value = params.get(name)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(name)
    return str(value)


def text(params: Params, name: str) -> str:
    """Return a mandatory value; raise Refused (10001) when it is missing or empty."""
    value = optional(params, name)
    if not value:
        raise invalid(name)
    return value


def whole(params: Params, name: str, default: int = 0) -> int:
    """Return a count; raise Refused (10001) for anything but plain digits."""
    value = optional(params, name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > _LONG_DIGITS:
        raise invalid(name)
    return int(value)


def exact(params: Params, name: str) -> Decimal:
    """Return a mandatory number; raise Refused (10001) when it is not a plain one."""
    sent = text(params, name)
    if not is_plain(sent):
        raise invalid(name)
    return Decimal(sent)


def truth(params: Params, name: str) -> bool:
    """Return a flag, false when none was sent; raise Refused (10001) for anything else."""
    value = params.get(name)
    if value is None:
        return False
    if isinstance(value, bool | str) and value in _TRUTHS:
        return _TRUTHS[value]
    raise invalid(name)


def cursor(params: Params) -> str:
    """Return the cursor of a page, however often a client has percent-encoded it."""
    return unquote(unquote(optional(params, "cursor")))
