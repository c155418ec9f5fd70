"""What assets are worth as margin: their index in dollars, and the haircut on it.

Source: usds-margined-futures/market-data Multi-Assets-Mode-Asset-Index, 2026-05-28: a rate is the
index after its buffer; the buffer of a bid is the haircut of the simulated venue's collateral.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from conformance.contracts.core import Core
from conformance.model.money import from_atoms
from conformance.venues.binance_usdm.listings import rules
from conformance.venues.numbers import money

COLLATERAL = rules().collateral
"""Assets that count in multi-assets mode."""
_ONE = Decimal(1)


class Worth(NamedTuple):
    """One asset: its index, and the rates at which it is counted and exchanged, as text."""

    symbol: str
    price: str
    buffer: str
    bid: str
    ask: str


def price_of(core: Core, asset: str) -> Decimal:
    """Return the price of a collateral asset in dollars."""
    symbol = COLLATERAL[asset].symbol
    return from_atoms(core.index(symbol)) if symbol else _ONE


def worths(core: Core) -> Iterator[Worth]:
    """Yield every asset that counts as margin."""
    for asset, (ratio, _) in COLLATERAL.items():
        index = price_of(core, asset)
        yield Worth(
            f"{asset}USD",
            money(index),
            money(_ONE - ratio),
            money(index * ratio),
            money(index * (2 - ratio)),
        )
