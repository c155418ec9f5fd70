"""What a contract is worth: the one place that knows how prices become money.

Everything else in the exchange handles amounts in atoms of the margin asset only, so another
kind of contract is another class of this shape and nothing more.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from conformance.errors import ConfigError
from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.instruments import Listing
from conformance.model.money import ATOM, ATOMS_PER_UNIT

FINE = Decimal("0.000000000001")


class Contract(Protocol):
    """Arithmetic of one listing."""

    direction: int
    """+1 when a long gains with the value of its lots, -1 when it loses with it."""
    tick: Atoms
    """One tick in 1e-8 quote units."""

    def value(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``."""

    def value_at(self, price: Atoms, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at a price off the grid, truncated toward zero."""

    def unrealised(self, price: Atoms, lots: Lots, cost: Atoms) -> Atoms:
        """Return the profit of signed ``lots`` that cost ``cost``, truncated toward zero."""

    def entry_price(self, lots: Lots, cost: Atoms) -> Decimal:
        """Return the average price, truncated to 8 decimals; zero when flat."""

    def break_even_price(self, lots: Lots, cost: Atoms, paid: Atoms) -> Decimal:
        """Return the price that earns back ``paid`` fees, truncated to 12 decimals."""

    def size(self, lots: Lots) -> Decimal:
        """Return ``lots`` in units whose product with a price is a value."""


class Linear:
    """Quoted and margined in the same asset: value is price times quantity."""

    __slots__ = ("_denominator", "_numerator", "_size", "_unit", "tick")

    direction = 1

    def __init__(self, listing: Listing) -> None:
        self._size = listing.step * listing.contract_size
        self.tick: Atoms = _whole(listing.tick * ATOMS_PER_UNIT, "one tick")
        self._unit: Atoms = _whole(
            listing.tick * self._size * ATOMS_PER_UNIT, "the value of one lot at one tick"
        )
        self._numerator, self._denominator = self._size.as_integer_ratio()

    def value(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``."""
        return price * lots * self._unit

    def value_at(self, price: Atoms, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at a price off the grid, truncated toward zero."""
        return truncated(price * lots * self._numerator, self._denominator)

    def unrealised(self, price: Atoms, lots: Lots, cost: Atoms) -> Atoms:
        """Return the profit of signed ``lots`` that cost ``cost``, truncated toward zero."""
        exact = price * lots * self._numerator - cost * self._denominator
        return truncated(exact, self._denominator)

    def entry_price(self, lots: Lots, cost: Atoms) -> Decimal:
        """Return the average price, truncated to 8 decimals; zero when flat."""
        return self._price(lots, cost).quantize(ATOM, rounding=ROUND_DOWN)

    def break_even_price(self, lots: Lots, cost: Atoms, paid: Atoms) -> Decimal:
        """Return the price that earns back ``paid`` fees, truncated to 12 decimals."""
        return self._price(lots, cost + paid).quantize(FINE, rounding=ROUND_DOWN)

    def size(self, lots: Lots) -> Decimal:
        """Return ``lots`` in units whose product with a price is a value."""
        return self._size * lots

    def _price(self, lots: Lots, cost: Atoms) -> Decimal:
        if not lots:
            return Decimal(0)
        return Decimal(cost).scaleb(-8) / (self._size * lots)


def contract_of(listing: Listing) -> Contract:
    """Return the arithmetic of a listing; raise ConfigError when it cannot be exact."""
    if listing.inverse:
        raise ConfigError(
            f"{listing.symbol} is an inverse contract", hint="list linear contracts only"
        )
    return Linear(listing)


def truncated(numerator: int, denominator: int) -> int:
    """Divide and drop the fraction, toward zero (venues truncate money, they do not round)."""
    if numerator >= 0:
        return numerator // denominator
    return -(-numerator // denominator)


def _whole(value: Decimal, what: str) -> int:
    whole = int(value)
    if whole != value:
        raise ConfigError(
            f"{what} is finer than 8 decimals", hint="tick x step must be a multiple of 1e-8"
        )
    return whole
