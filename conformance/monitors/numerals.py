"""Read numbers as they were sent."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def number(text: str) -> Decimal | None:
    """Return a finite number, or None for what is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
