"""Request parameters: names are case-insensitive, a value in the query beats the body's.

Source: usds-margined-futures/general-info, 2026-05-28.
"""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import unquote_plus

from conformance.venues.binance_usdm.server.refusals import Refused, malformed

Params: TypeAlias = dict[str, str]
"""Decoded values by lower-case name."""

_DUPLICATE = "Duplicate values for a parameter detected."
_LONG_DIGITS = 18


def parse(query: bytes, body: bytes) -> Params:
    """Return the parameters of a request; raise Refused (-1101) when one part repeats a name."""
    if not body:
        return _fields(query)
    found = _fields(body)
    if query:
        found.update(_fields(query))
    return found


def _fields(raw: bytes) -> Params:
    if not raw:
        return {}
    pairs = raw.decode("utf-8", "replace").split("&")
    found: Params = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        found[name.lower()] = value
    if b"%" in raw or b"+" in raw:
        found = {unquote_plus(name).lower(): unquote_plus(found[name]) for name in found}
    if len(found) != len(pairs):
        if "" not in pairs:
            raise Refused(-1101, _DUPLICATE)
        return _fields(b"&".join(part for part in raw.split(b"&") if part))
    return found


def text(params: Params, name: str) -> str:
    """Return a mandatory value; raise Refused (-1102) when it is missing or empty."""
    value = params.get(name.lower())
    if not value:
        raise malformed(name)
    return value


def whole(params: Params, name: str) -> int | None:
    """Return an optional integer; raise Refused (-1102) when it is not one."""
    value = params.get(name.lower())
    if value is None or value == "":
        return None
    digits = value[1:] if value[0] == "-" else value
    if not digits.isascii() or not digits.isdigit() or len(digits) > _LONG_DIGITS:
        raise malformed(name)
    return int(value)


def truth(params: Params, name: str) -> bool:
    """Return a mandatory ``true`` or ``false``; raise Refused (-1102) for anything else."""
    value = text(params, name).lower()
    if value not in ("true", "false"):
        raise malformed(name)
    return value == "true"
