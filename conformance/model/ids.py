"""Names for plain values, so that signatures say what they take."""

from __future__ import annotations

from typing import TypeAlias

Millis: TypeAlias = int
"""Milliseconds since 1970-01-01T00:00Z."""

AccountId: TypeAlias = str
"""Name of one account inside the exchange core."""

INSURANCE: AccountId = "insurance"
"""The insurance fund: an account like any other, except that it is never liquidated."""

Symbol: TypeAlias = str
"""The venue's own instrument name, verbatim."""

Ticks: TypeAlias = int
"""A price as a count of the instrument's tick."""

Lots: TypeAlias = int
"""A quantity as a count of the instrument's step."""

Atoms: TypeAlias = int
"""An amount of an asset as a count of 1e-8 units."""
