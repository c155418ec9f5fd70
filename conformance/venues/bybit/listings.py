"""The instruments of the simulated venue, read from ``listings.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.model.instruments import Listing
from conformance.venues.bybit.facts import FACTS
from conformance.venues.tables import sizes, table
from conformance.venues.tiers import tiers

LINEAR, INVERSE = "linear", "inverse"
CATEGORIES = (LINEAR, INVERSE)
"""The product lines that are served."""
FOREIGN = ("spot", "option")
"""Product lines that exist and have nothing listed here: lists of theirs are empty."""
_BOUNDLESS = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class Contract(Listing):
    """A listing with what only this venue publishes about it."""

    category: str
    type: str
    """The venue's contractType."""
    price_scale: int
    min_price: Decimal
    max_price: Decimal
    ratio_x: Decimal
    ratio_y: Decimal
    """How far from mark an order's price may lie, as fractions: see ``server/band.py``."""
    funding_cap: Decimal | None
    """The greatest funding rate of either sign; None for a dated future."""


def listings() -> tuple[Contract, ...]:
    """Return all instruments, the usual one first."""
    return tuple(_contract(row) for row in table(__file__, "listings.toml")["contract"])


def _contract(row: Mapping[str, Any]) -> Contract:
    inverse = row["category"] == INVERSE
    return Contract(
        symbol=row["symbol"],
        base=row["base"],
        quote="USD" if inverse else row["settle"],
        margin_asset=row["settle"],
        inverse=inverse,
        expiry_ms=row.get("delivery_ms"),
        **sizes(row),
        # The venue clamps or refuses by a band of its own; the core lets everything through.
        band_up=_BOUNDLESS,
        band_down=Decimal(0),
        max_open_orders=FACTS["orders"]["open_orders_max"],
        maker_rate=Decimal("0.0002"),
        taker_rate=Decimal("0.00055"),
        tiers=tiers(row["tiers"]),
        initial_price=Decimal(row["initial_price"]),
        market_take_bound=Decimal("0.05"),
        liquidation_rate=Decimal(0),
        onboard_ms=row["launch_ms"],
        category=row["category"],
        type=row["type"],
        price_scale=row["price_scale"],
        min_price=Decimal(row["min_price"]),
        max_price=Decimal(row["max_price"]),
        ratio_x=Decimal(row["ratio"][0]),
        ratio_y=Decimal(row["ratio"][1]),
        funding_cap=Decimal(row["funding_cap"]) if "funding_cap" in row else None,
    )
