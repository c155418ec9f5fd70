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
    grain: int
    """How many parts of an atom costs are counted in, so that entry prices stay exact."""
    dust: Atoms
    """How far rounding may take one execution's postings from the exact cost."""
    tick: Atoms
    """One tick in 1e-8 quote units."""

    def value(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``."""

    def value_at(self, price: Atoms, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at a price off the grid, truncated toward zero."""

    def cost(self, price: Ticks, lots: Lots) -> int:
        """Return what ``lots`` cost at ``price``, in grains."""

    def realised(self, price: Ticks, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains closed at ``price``."""

    def unrealised(self, price: Atoms, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains, truncated toward zero."""

    def entry_price(self, lots: Lots, cost: int) -> Decimal:
        """Return the average price to 8 decimals; zero when flat."""

    def break_even_price(self, lots: Lots, cost: int, paid: Atoms) -> Decimal:
        """Return the price that earns back ``paid`` fees, truncated to 12 decimals."""

    def size(self, lots: Lots) -> Decimal:
        """Return ``lots`` in units that make a value with a price (or with its reciprocal)."""

    def price_of(self, value: Decimal) -> Decimal:
        """Return the price at which one unit of ``size`` is worth ``value`` of the asset."""

    def price_for(self, value: Atoms, lots: Lots, *, up: bool) -> Ticks:
        """Return the price at which ``lots`` are worth ``value``, rounded up or down to a tick."""


class Linear:
    """Quoted and margined in the same asset: value is price times quantity."""

    __slots__ = ("_denominator", "_numerator", "_size", "_unit", "tick")

    direction = 1
    grain = 1
    dust = 0

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

    def cost(self, price: Ticks, lots: Lots) -> int:
        """Return what ``lots`` cost at ``price``: their value."""
        return price * lots * self._unit

    def realised(self, price: Ticks, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains closed at ``price``."""
        return price * lots * self._unit - cost

    def unrealised(self, price: Atoms, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains, truncated toward zero."""
        exact = price * lots * self._numerator - cost * self._denominator
        return truncated(exact, self._denominator)

    def entry_price(self, lots: Lots, cost: int) -> Decimal:
        """Return the average price, truncated to 8 decimals; zero when flat."""
        return self._price(lots, cost).quantize(ATOM, rounding=ROUND_DOWN)

    def break_even_price(self, lots: Lots, cost: int, paid: Atoms) -> Decimal:
        """Return the price that earns back ``paid`` fees, truncated to 12 decimals."""
        return self._price(lots, cost + paid).quantize(FINE, rounding=ROUND_DOWN)

    def size(self, lots: Lots) -> Decimal:
        """Return ``lots`` in units whose product with a price is a value."""
        return self._size * lots

    def price_of(self, value: Decimal) -> Decimal:
        """Return the price at which one unit of ``size`` is worth ``value``: that value."""
        return value

    def price_for(self, value: Atoms, lots: Lots, *, up: bool) -> Ticks:
        """Return the price at which ``lots`` are worth ``value``, rounded up or down to a tick."""
        return max(1, _rounded(value, lots * self._unit, up=up))

    def _price(self, lots: Lots, cost: int) -> Decimal:
        if not lots:
            return Decimal(0)
        return Decimal(cost).scaleb(-8) / (self._size * lots)


class Inverse:
    """Quoted in money, margined in the coin: value is contracts x size / price.

    The value of a trade is rounded half up to 8 decimals, everything derived is truncated; entry
    is the harmonic average (COIN-M samples, developers.binance.com, 2026-11).
    """

    __slots__ = ("_denominator", "_numerator", "_size", "tick")

    direction = -1
    grain = 10**10
    dust = 3

    def __init__(self, listing: Listing) -> None:
        self._size = listing.step * listing.contract_size
        self.tick: Atoms = _whole(listing.tick * ATOMS_PER_UNIT, "one tick")
        numerator, self._denominator = self._size.as_integer_ratio()
        self._numerator = numerator * ATOMS_PER_UNIT * ATOMS_PER_UNIT

    def value(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``, rounded half up."""
        below = self._denominator * price * self.tick
        return (2 * lots * self._numerator + below) // (2 * below)

    def value_at(self, price: Atoms, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at a price off the grid, truncated toward zero."""
        return truncated(lots * self._numerator, self._denominator * price)

    def cost(self, price: Ticks, lots: Lots) -> int:
        """Return what ``lots`` cost at ``price``, in grains."""
        return lots * self._numerator * self.grain // (self._denominator * price * self.tick)

    def realised(self, price: Ticks, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains closed at ``price``."""
        return self.unrealised(price * self.tick, lots, cost)

    def unrealised(self, price: Atoms, lots: Lots, cost: int) -> Atoms:
        """Return the profit of signed ``lots`` of ``cost`` grains, truncated toward zero."""
        below = self._denominator * price
        return truncated(cost * below - lots * self._numerator * self.grain, below * self.grain)

    def entry_price(self, lots: Lots, cost: int) -> Decimal:
        """Return the harmonic average price, rounded to 8 decimals; zero when flat."""
        return self._price(lots, cost).quantize(ATOM)

    def break_even_price(self, lots: Lots, cost: int, paid: Atoms) -> Decimal:
        """Return the price that earns back ``paid`` fees, truncated to 12 decimals."""
        price = self._price(lots, cost - paid * self.grain)
        return price.quantize(FINE, rounding=ROUND_DOWN)

    def size(self, lots: Lots) -> Decimal:
        """Return ``lots`` in units whose quotient by a price is a value."""
        return self._size * lots

    def price_of(self, value: Decimal) -> Decimal:
        """Return the price at which one unit of ``size`` is worth ``value``; zero when none is."""
        return 1 / value if value > 0 else Decimal(0)

    def price_for(self, value: Atoms, lots: Lots, *, up: bool) -> Ticks:
        """Return the price at which ``lots`` are worth ``value``, rounded up or down to a tick.

        No price makes them worth nothing: the least value there is stands in for that.
        """
        below = self._denominator * max(1, value) * self.tick
        return max(1, _rounded(lots * self._numerator, below, up=up))

    def _price(self, lots: Lots, cost: int) -> Decimal:
        if not lots:
            return Decimal(0)
        return self._size * lots / Decimal(cost).scaleb(-18)


def contract_of(listing: Listing) -> Contract:
    """Return the arithmetic of a listing; raise ConfigError when it cannot be exact."""
    return Inverse(listing) if listing.inverse else Linear(listing)


def truncated(numerator: int, denominator: int) -> int:
    """Divide and drop the fraction, toward zero (venues truncate money, they do not round)."""
    if numerator >= 0:
        return numerator // denominator
    return -(-numerator // denominator)


def _rounded(numerator: int, denominator: int, *, up: bool) -> int:
    return -(-numerator // denominator) if up else numerator // denominator


def _whole(value: Decimal, what: str) -> int:
    whole = int(value)
    if whole != value:
        raise ConfigError(
            f"{what} is finer than 8 decimals", hint="tick x step must be a multiple of 1e-8"
        )
    return whole
