"""What may stand in a scenario: durations, shares, prices, sizes, sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from conformance.model.ids import Millis
from conformance.model.orders import Gauge
from conformance.scenarios.flaws import Wrong, nearest

UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
SIZE_MAX = 1_000_000
"""Clips of one order; a clip is the least quantity that every filter of the venue allows."""
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
E = TypeVar("E", bound=StrEnum)


def text(raw: object) -> str:
    """Take a text."""
    if not isinstance(raw, str) or not raw.strip():
        raise Wrong(f"{raw!r} is no text", 'write words in quotes, such as "makers"')
    return raw.strip()


def flag(raw: object) -> bool:
    """Take true or false."""
    if not isinstance(raw, bool):
        raise Wrong(f"{raw!r} is neither true nor false", "write true or false, without quotes")
    return raw


def duration(raw: object) -> Millis:
    """Take a time span such as ``"1m30s"``; in milliseconds."""
    if isinstance(raw, str) and raw.startswith("-"):
        raise Wrong(f"{raw!r} is negative", "times count from the beginning of the story")
    if not isinstance(raw, str) or not _DURATION.fullmatch(raw):
        raise Wrong(f"{raw!r} is no time", 'write a number and ms, s, m, h or d, such as "1m30s"')
    total = sum(Decimal(count) * UNITS_MS[unit] for count, unit in _PART.findall(raw))
    if total != int(total):
        raise Wrong(f"{raw!r} is finer than a millisecond", "use whole milliseconds")
    return int(total)


def period(raw: object) -> Millis:
    """Take a time span above zero."""
    span = duration(raw)
    if not span:
        raise Wrong("a period of zero never ends", 'write a span above zero, such as "500ms"')
    return span


def price(raw: object) -> Decimal:
    """Take a price above zero, in the story's own units."""
    found = number(raw)
    if found <= 0:
        raise Wrong(f"the price {found} is not above zero", "prices are positive")
    return found


def number(raw: object) -> Decimal:
    """Take a finite number."""
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str):
        raise Wrong(f"{raw!r} is no number", "write a plain number")
    try:
        found = Decimal(raw)
    except InvalidOperation:
        raise Wrong(f"{raw!r} is no number", "write a plain number, such as 101.5") from None
    if not found.is_finite():
        raise Wrong(f"{raw!r} is no finite number", "leave the line out, or give the real value")
    return found


def size(raw: object) -> int:
    """Take a quantity in clips."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong(f"the size {raw!r} is no whole number", "sizes count clips: 1, 2, 3 ...")
    if not 0 < raw <= SIZE_MAX:
        what = "is negative" if raw < 0 else "is zero" if not raw else "is too large"
        raise Wrong(f"the size {raw} {what}", f"sizes count clips, from 1 to {SIZE_MAX}")
    return raw


def whole(least: int, most: int) -> Callable[[object], int]:
    """Take a whole number within bounds."""

    def read(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            raise Wrong(f"{raw!r} is out of range", f"write a whole number from {least} to {most}")
        return raw

    return read


def share(least: str, most: str) -> Callable[[object], Decimal]:
    """Take a percentage such as ``"-8%"`` within bounds (in percent); return the fraction."""

    def read(raw: object) -> Decimal:
        if not isinstance(raw, str) or not raw.endswith("%"):
            raise Wrong(f"{raw!r} is no percentage", 'write it with its sign, such as "0.5%"')
        found = number(raw[:-1].strip())
        if not Decimal(least) <= found <= Decimal(most):
            raise Wrong(f"{raw} is out of range", f"write a share from {least}% to {most}%")
        return found.scaleb(-2)

    return read


def word_of(words: type[E]) -> Callable[[object], E]:
    """Take one word of a vocabulary."""
    known = [member.value for member in words]

    def read(raw: object) -> E:
        if raw not in known:
            raise Wrong(f"{raw!r} is none of the words here", nearest(str(raw), known))
        return words(raw)

    return read


def gauges(raw: object) -> tuple[Gauge, ...]:
    """Take a list of prices: last, mark, index."""
    if not isinstance(raw, list) or not raw:
        raise Wrong(f"{raw!r} is no list of prices", 'write a list, such as ["last", "mark"]')
    read = word_of(Gauge)
    return tuple(dict.fromkeys(read(each) for each in raw))


def points(raw: object) -> tuple[tuple[Millis, Decimal], ...]:
    """Take rows of time and price, in the order of time."""
    if not isinstance(raw, list) or not raw:
        raise Wrong(f"{raw!r} is no list of points", 'write rows such as ["10s", 92.5]')
    rows: list[tuple[Millis, Decimal]] = []
    for index, row in enumerate(raw):
        try:
            rows.append(_point(row, rows))
        except Wrong as wrong:
            raise Wrong(wrong.what, wrong.mend, index=index) from None
    return tuple(rows)


def _point(row: object, before: list[tuple[Millis, Decimal]]) -> tuple[Millis, Decimal]:
    if not isinstance(row, list) or len(row) != 2:
        raise Wrong(f"{row!r} is no point", 'a point is a time and a price, such as ["10s", 92.5]')
    at = duration(row[0])
    if before and at <= before[-1][0]:
        raise Wrong(f"the time {row[0]} is not later than the one before", "sort the points")
    return at, price(row[1])
