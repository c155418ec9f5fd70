"""One instrument with its arithmetic at hand: text of prices, quantities and values.

Values are in the coin that margins the contract: price x quantity of a linear contract,
quantity / price of an inverse one. Source: docs/v5/order/order-list and position samples,
2026-07-24: prices are padded to priceScale, quantities to qtyStep, money is not padded.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.money import ATOM, from_atoms
from conformance.model.refusals import Reason
from conformance.venues.bybit.listings import Contract
from conformance.venues.bybit.server.answers import Refused, invalid, refused
from conformance.venues.numbers import Scale, is_plain, plain, stripped


class Terms:
    """One instrument with its scales."""

    __slots__ = ("_size", "category", "coin", "inverse", "listing", "price", "quantity", "symbol")

    def __init__(self, listing: Contract) -> None:
        self.listing = listing
        self.symbol = listing.symbol
        self.category = listing.category
        self.coin = listing.margin_asset
        self.inverse = listing.inverse
        self.price = Scale(listing.tick, listing.price_scale)
        self.quantity = Scale(listing.step, listing.quantities.decimals)
        self._size = listing.step * listing.contract_size

    def read_price(self, value: str, name: str = "price") -> Ticks:
        """Return a price in ticks; raise Refused (10001) for what is none, or off the tick."""
        try:
            return self.price.count(value)
        except ValueError:
            raise invalid(name) from None

    def read_quantity(self, value: str) -> Lots:
        """Return a quantity in lots; raise Refused (10001) for none, or too few."""
        try:
            return self.quantity.count(value)
        except ValueError:
            if is_plain(value) and Decimal(value) < self.listing.min_quantity:
                raise refused(Reason.QUANTITY_BELOW_MIN) from None
            raise Refused(10001, "Qty invalid") from None

    def bare(self, price: Ticks) -> str:
        """Return a price without trailing zeros, as books and candles have it."""
        shown = self.price.text(price)
        return shown.rstrip("0").rstrip(".") if "." in shown else shown

    def value(self, price: Decimal, lots: Lots) -> Decimal:
        """Return what ``lots`` are worth at a price, truncated to 8 decimals."""
        size = self._size * lots
        worth = (size / price if price else Decimal(0)) if self.inverse else size * price
        return worth.quantize(ATOM, rounding=ROUND_DOWN)

    def entered_text(self, cost: int) -> str:
        """Return what lots cost when they were entered, as PositionChanged counts it."""
        return stripped(abs(cost) // (10**10 if self.inverse else 1))

    def average(self, cost: Atoms, filled: Lots) -> str:
        """Return the average price of fills worth ``cost``, empty when nothing filled."""
        if not filled:
            return ""
        size, worth = self._size * filled, from_atoms(cost)
        return plain((size / worth if self.inverse else worth / size).quantize(ATOM))

    def value_text(self, price: Decimal, lots: Lots) -> str:
        """Return what ``lots`` are worth at a price, as text."""
        return plain(self.value(price, lots))

    def off_grid(self, price: Atoms) -> str:
        """Return a price in 1e-8 units with the decimals of this instrument, truncated."""
        return self.price.text(self.listing.prices.floor(from_atoms(price)))
