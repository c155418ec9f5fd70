"""Numbers as the venue reads and writes them: plain decimal text, never an exponent.

Source: usds-margined-futures/market-data Exchange-Information samples, 2026-05-28: prices are
padded to pricePrecision, quantities to quantityPrecision, money to 8 decimals.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.money import ATOM, to_atoms
from conformance.venues.binance_usdm.listings import Perpetual
from conformance.venues.binance_usdm.server.refusals import Refused, malformed

_PLAIN = re.compile(r"-?\d{1,20}(?:\.\d{0,20})?", re.ASCII).fullmatch


_REMEMBERED = 10_000
"""Conversions kept per scale and direction: the same few numbers come again and again."""


class Scale:
    """Text of whole units (ticks or lots) at a fixed number of decimals."""

    __slots__ = ("_power", "_read", "_unit", "_written", "decimals")

    def __init__(self, step: Decimal, decimals: int) -> None:
        self.decimals = decimals
        self._power = 10**decimals
        self._unit = int(step * self._power)
        self._written: dict[int, str] = {}
        self._read: dict[str, int] = {}

    def text(self, units: int) -> str:
        """Return ``units`` as padded decimal text."""
        text = self._written.get(units)
        if text is None:
            text = self._text(units)
            if len(self._written) < _REMEMBERED:
                self._written[units] = text
        return text

    def units(self, value: str, name: str, off_grid: int) -> int:
        """Return text as whole units; raise Refused as ``_units`` says."""
        units = self._read.get(value)
        if units is None:
            units = self._units(value, name, off_grid)
            if len(self._read) < _REMEMBERED:
                self._read[value] = units
        return units

    def _text(self, units: int) -> str:
        if not self.decimals:
            return str(units * self._unit)
        if units < 0:
            return "-" + self._text(-units)
        whole, rest = divmod(units * self._unit, self._power)
        return f"{whole}.{rest:0{self.decimals}d}"

    def _units(self, value: str, name: str, off_grid: int) -> int:
        """Return text as whole units.

        Raises Refused: -1102 when it is no plain number, -1111 when it has too many decimals,
        ``off_grid`` when it is between two units.
        """
        if _PLAIN(value) is None:
            raise malformed(name)
        head, _, tail = value.partition(".")
        if len(tail) > self.decimals:
            tail = tail.rstrip("0")
            if len(tail) > self.decimals:
                raise Refused(-1111)
        scaled = int(head + tail.ljust(self.decimals, "0")) if self.decimals else int(head)
        units, rest = divmod(scaled, self._unit)
        if rest:
            raise Refused(off_grid)
        return units


class Terms:
    """One instrument with its scales at hand."""

    __slots__ = (
        "_denominator",
        "_numerator",
        "average",
        "listing",
        "price",
        "price_max",
        "price_min",
        "quantity",
        "symbol",
        "unit",
        "value",
        "zero_price",
    )

    def __init__(self, listing: Perpetual) -> None:
        self.listing = listing
        self.symbol = listing.symbol
        self.price = Scale(listing.tick, listing.price_precision)
        self.quantity = Scale(listing.step, listing.quantity_precision)
        self.price_min: Ticks = listing.prices.floor(listing.min_price)
        self.price_max: Ticks = listing.prices.floor(listing.max_price)
        self.zero_price = self.price.text(0)
        self.unit: Atoms = to_atoms(listing.tick * listing.step)
        """Value of one lot at one tick."""
        self.average = listing.price_precision + 3
        """Decimals of an average price ("0.00000" at a pricePrecision of 2)."""
        self.value = listing.price_precision + listing.quantity_precision
        """Decimals in which price times quantity is exact."""
        self._numerator, self._denominator = listing.step.as_integer_ratio()

    def value_of(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``."""
        return price * lots * self.unit

    def average_text(self, cost: Atoms, filled: Lots) -> str:
        """Return ``cost / filled`` as a truncated average price, zero when nothing filled."""
        return padded(self._each(cost, filled, self.average), self.average)

    def entry_text(self, cost: Atoms, lots: Lots) -> str:
        """Return ``cost / lots`` truncated to 8 decimals, without trailing zeros."""
        return stripped(self._each(cost, lots, 8), 8)

    def even_text(self, cost: Atoms, lots: Lots) -> str:
        """Return ``cost / lots`` truncated to 12 decimals, without trailing zeros."""
        return stripped(self._each(cost, lots, 12), 12)

    def unrealised(self, mark: Atoms, lots: Lots, cost: Atoms) -> Atoms:
        """Return the profit of ``lots`` (signed, as ``cost``) at ``mark``, truncated."""
        exact = mark * lots * self._numerator - cost * self._denominator
        return exact // self._denominator if exact >= 0 else -(-exact // self._denominator)

    def value_text(self, cost: Atoms) -> str:
        """Return an amount of quote asset in the decimals that price times quantity has."""
        return padded(cost // 10 ** (8 - self.value), self.value)

    def _each(self, cost: Atoms, lots: Lots, decimals: int) -> int:
        """Return what one unit cost, in units of so many decimals; zero when there are no lots."""
        if not lots:
            return 0
        above: int = cost * self._denominator * 10**decimals
        below = lots * self._numerator * 10**8
        return above // below if (above >= 0) is (below > 0) else -(-above // below)


def decimal(value: str, name: str) -> Decimal:
    """Return text as a number; raise Refused (-1102) when it is not a plain one."""
    if _PLAIN(value) is None:
        raise malformed(name)
    return Decimal(value)


def atoms(value: str, name: str) -> Atoms:
    """Return text as a count of 1e-8 units; raise Refused (-1102, -1111) when it is not one."""
    if _PLAIN(value) is None:
        raise malformed(name)
    head, _, tail = value.partition(".")
    if len(tail.rstrip("0")) > 8:
        raise Refused(-1111)
    sign = -1 if head.startswith("-") else 1
    return int(head) * 10**8 + sign * int(tail[:8].ljust(8, "0"))


def money(amount: Decimal) -> str:
    """Return an amount with 8 decimals, truncated as the venue does."""
    return f"{amount.quantize(ATOM, rounding=ROUND_DOWN):f}"


def atoms_text(atoms: Atoms) -> str:
    """Return a count of 1e-8 units with 8 decimals."""
    if atoms < 0:
        return "-" + atoms_text(-atoms)
    return f"{atoms // 100_000_000}.{atoms % 100_000_000:08d}"


def padded(count: int, decimals: int) -> str:
    """Return a count of units of so many decimals as text that shows all of them."""
    if not decimals:
        return str(count)
    if count < 0:
        return "-" + padded(-count, decimals)
    whole, rest = divmod(count, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def stripped(count: int, decimals: int = 8) -> str:
    """Return a count of units of so many decimals (at least one) without trailing zeros."""
    return padded(count, decimals).rstrip("0").rstrip(".")


def plain(amount: Decimal) -> str:
    """Return an amount without trailing zeros, ``0`` for zero."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
