"""Pages of long lists: the ``limit`` and ``cursor`` parameters.

Source: docs/v5/guide, 2026-07-24. A cursor is opaque and carries percent-escapes; clients send it
back as it is, or escaped once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote

from conformance.venues.bybit.server.answers import invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.params import cursor, whole

T = TypeVar("T")
_CURSOR = "page_args"


def limit_of(call: Call) -> int:
    """Return how many rows a request wants; raise Refused (10001) for too many, or none."""
    endpoint = call.endpoint
    assert endpoint is not None
    assert endpoint.limit is not None
    default, most = endpoint.limit
    limit = whole(call.params, "limit", default)
    if not 0 < limit <= most:
        raise invalid("limit")
    return limit


def page(call: Call, rows: Sequence[T]) -> tuple[Sequence[T], str]:
    """Return the page of ``rows`` (newest first) that a request wants, and the next cursor.

    A cursor counts what is left to tell, so that rows which arrive meanwhile shift nothing.
    Raises Refused (10001) for a limit out of bounds, or a cursor that was never given out.
    """
    limit, sent = limit_of(call), cursor(call.params)
    left = len(rows)
    if sent:
        name, _, number = sent.rstrip("&").partition("=")
        if name != _CURSOR or not (number.isascii() and number.isdigit()):
            raise invalid("cursor")
        left = min(int(number), left)
    first = len(rows) - left
    after = left - limit
    more = quote(f"{_CURSOR}={after}&", safe="") if after > 0 else ""
    return rows[first : first + limit], more
