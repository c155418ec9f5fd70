"""JSON and numbers as client halves read them: exactly, and never trusting what came.

Numbers arrive as strings, now and then as JSON numbers or as empty strings: all three are read
exactly. A wrong type or a number that is none raises KeyError, TypeError or ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from conformance.contracts.client import Levels
from conformance.model.orders import ZERO

Json: TypeAlias = Any
"""A parsed JSON value."""

TEXT_MAX = 200
"""Characters of a venue's message that are kept."""

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
"""What a decoder raises when an answer is not what it should be."""

_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def parse(text: bytes | str) -> Json:
    """Return the JSON value; numbers with a fraction become Decimals. Raises ValueError."""
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def number(value: Json) -> Decimal:
    """Return an exact number; an empty string is zero."""
    if value == "":
        return ZERO
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not result.is_finite():
        raise ValueError("not a finite number")
    return result


def levels(rows: Sequence[Sequence[str]]) -> Levels:
    """Return book rows as (price, quantity) pairs."""
    try:
        return tuple([(Decimal(row[0]), Decimal(row[1])) for row in rows])
    except (InvalidOperation, IndexError):
        raise ValueError("not a book row") from None


def line(text: object) -> str:
    """Return a venue's words as one printable line of bounded length: they go into logs."""
    return "".join(c if c.isprintable() else " " for c in str(text)[:TEXT_MAX])
