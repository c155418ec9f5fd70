"""Margin rules of a listing in whole atoms: leverage caps, maintenance, exposure."""

from __future__ import annotations

from bisect import bisect_right

from conformance.errors import ConfigError
from conformance.exchange.contract import truncated
from conformance.model.ids import Atoms
from conformance.model.instruments import Listing, Tier
from conformance.model.money import to_atoms


class Scale:
    """The margin table of one listing."""

    __slots__ = ("_deductions", "_floors", "_rates", "tiers")

    def __init__(self, listing: Listing) -> None:
        if not listing.tiers:
            raise ConfigError(f"{listing.symbol} has no margin tiers", hint="list at least one")
        self.tiers: tuple[Tier, ...] = listing.tiers
        self._floors = [to_atoms(tier.floor) for tier in self.tiers]
        self._rates = [tier.maintenance_rate.as_integer_ratio() for tier in self.tiers]
        self._deductions = [to_atoms(tier.deduction) for tier in self.tiers]

    @property
    def leverage_max(self) -> int:
        """The highest leverage that any notional may have."""
        return self.tiers[0].max_leverage

    def row(self, notional: Atoms) -> int:
        """Return the number of the tier that holds for a notional (never below the first)."""
        return max(0, bisect_right(self._floors, notional) - 1)

    def floor(self, notional: Atoms) -> Atoms:
        """Return where the tier of a notional begins."""
        return self._floors[self.row(notional)]

    def maintenance(self, notional: Atoms) -> Atoms:
        """Return notional x rate - deduction of its tier, truncated (USD-M FAQ, 2026-11)."""
        row = self.row(notional)
        numerator, denominator = self._rates[row]
        return max(0, truncated(notional * numerator, denominator) - self._deductions[row])

    def cap(self, leverage: int) -> Atoms:
        """Return the largest notional that may be held at ``leverage``."""
        return max(to_atoms(tier.cap) for tier in self.tiers if tier.max_leverage >= leverage)


def exposure(notional: Atoms, bids: Atoms, asks: Atoms) -> Atoms:
    """Return the larger notional that could result if one side's orders all filled.

    Orders of opposite sides net per symbol (USD-M margin FAQ, 2026-11).
    """
    most, least = notional + bids, notional - asks
    return most if most + least >= 0 else -least
