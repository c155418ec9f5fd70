"""Numbers as the venue reads and writes them: plain decimal text, never an exponent.

Source: usds-margined-futures/market-data Exchange-Information samples, 2026-05-28: prices are
padded to pricePrecision, quantities to quantityPrecision, money to 8 decimals.
"""

from __future__ import annotations

from decimal import Decimal

from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.money import to_atoms
from conformance.venues import numbers
from conformance.venues.binance_usdm.listings import Perpetual
from conformance.venues.binance_usdm.server.refusals import Refused, malformed
from conformance.venues.numbers import NotPlain, OffGrid, TooFine, padded, stripped


class Scale(numbers.Scale):
    """Whole units as text, with the venue's refusals for what is none."""

    __slots__ = ()

    def units(self, value: str, name: str, off_grid: int) -> int:
        """Return text as whole units.

        Raises Refused: -1102 when it is no plain number, -1111 when it has too many decimals,
        ``off_grid`` when it is between two units.
        """
        try:
            return self.count(value)
        except NotPlain:
            raise malformed(name) from None
        except TooFine:
            raise Refused(-1111) from None
        except OffGrid:
            raise Refused(off_grid) from None


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
        "zero_average",
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
        self.zero_average = padded(0, self.average)
        self.value = listing.price_precision + listing.quantity_precision
        """Decimals in which price times quantity is exact."""
        self._numerator, self._denominator = listing.step.as_integer_ratio()

    def value_of(self, price: Ticks, lots: Lots) -> Atoms:
        """Return the value of ``lots`` at ``price``."""
        return price * lots * self.unit

    def average_text(self, cost: Atoms, filled: Lots) -> str:
        """Return ``cost / filled`` as a truncated average price, zero when nothing filled."""
        if not filled:
            return self.zero_average
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
    if not numbers.is_plain(value):
        raise malformed(name)
    return Decimal(value)


def atoms(value: str, name: str) -> Atoms:
    """Return text as a count of 1e-8 units; raise Refused (-1102, -1111) when it is not one."""
    try:
        return numbers.atoms(value)
    except NotPlain:
        raise malformed(name) from None
    except TooFine:
        raise Refused(-1111) from None
