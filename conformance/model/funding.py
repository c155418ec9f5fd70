"""Funding of perpetuals as a client and a judge see it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from conformance.model.ids import Millis, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """What the next funding of a symbol will be."""

    symbol: Symbol
    rate: Decimal
    """Share of the value at mark; longs pay above zero."""
    interval_h: int
    next_ms: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What an account paid (below zero) or got for one funding of one symbol."""

    symbol: Symbol
    payment_id: str
    """Unique within the account."""
    amount: Decimal
    asset: str
    at_ms: Millis
    special: bool = False
    """A one-off charge beside the regular ones."""
