"""What one venue runs differently from another, fixed for the life of an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from conformance.model.ids import Millis, Symbol


class Collateral(NamedTuple):
    """What an asset is worth as joint margin: a ratio of its price after the haircut."""

    ratio: Decimal
    symbol: Symbol = ""
    """The symbol whose index is the asset's price; empty: at par."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How margin is enforced."""

    liquidates: bool = True
    """False: nothing happens to an account whose margin is used up."""
    tiered: bool = True
    """A position above the first margin tier is first reduced to the tier below."""
    insured: bool = True
    """What the book does not take goes to the insurance fund; False: always deleveraging."""
    liquidation_ms: Millis = 0
    """From the start of a liquidation to its first order, and from one order to the next."""
    call_ratio: Decimal = Decimal("0.8")
    """Maintenance by balance at which margin is called (the venues publish no figure)."""
    collateral: Mapping[str, Collateral] = field(default_factory=dict)
    """Assets that count in joint margin."""
