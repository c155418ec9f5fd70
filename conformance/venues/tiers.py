"""Margin tiers from what the venues publish: caps, leverages and maintenance ratios."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from conformance.model.instruments import Tier

_ZERO = Decimal(0)


def tiers(rows: Iterable[tuple[str, int, str]]) -> tuple[Tier, ...]:
    """Return tiers from rows of notional cap, greatest leverage and maintenance ratio.

    The deduction keeps the maintenance margin continuous: it grows by floor x the step in ratio.
    """
    found: list[Tier] = []
    floor = rate = deduction = _ZERO
    for cap, leverage, ratio in rows:
        deduction += floor * (Decimal(ratio) - rate)
        rate = Decimal(ratio)
        found.append(Tier(floor, Decimal(cap), leverage, rate, deduction))
        floor = Decimal(cap)
    return tuple(found)
