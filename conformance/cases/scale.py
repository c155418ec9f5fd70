"""How long endurance cases last: short by default, as long as somebody asks for."""

from __future__ import annotations

import os

from conformance.errors import UsageError

VARIABLE = "CONFORMANCE_SCALE"
"""The environment variable with the factor; it reaches every process of a run."""
FACTOR_MAX = 10_000


def scaled(count: int) -> int:
    """Return ``count`` times the factor asked for, 1 by default.

    Raises UsageError for a factor that is no whole number from 1 to FACTOR_MAX.
    """
    text = os.environ.get(VARIABLE, "1")
    if not text.isdecimal() or not 1 <= int(text) <= FACTOR_MAX:
        raise UsageError(
            f"{VARIABLE}={text!r} is no scale", hint=f"a whole number from 1 to {FACTOR_MAX}"
        )
    return count * int(text)
