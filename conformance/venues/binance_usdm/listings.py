"""The instruments of the simulated venue, read from ``listings.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.model.instruments import Listing
from conformance.model.rules import Collateral, Rules
from conformance.venues.tables import sizes, table
from conformance.venues.tiers import tiers

SETTLE = "USDT"
"""The asset in which every listing is quoted and keeps margin."""


@dataclass(frozen=True, kw_only=True)
class Perpetual(Listing):
    """A listing with what only this venue publishes about it."""

    price_precision: int
    quantity_precision: int
    min_price: Decimal
    max_price: Decimal
    subtype: str


def rules() -> Rules:
    """Return how margin is enforced: what counts in multi-assets mode, and at which ratio."""
    rows = table(__file__, "listings.toml")["collateral"]
    return Rules(
        collateral={
            row["asset"]: Collateral(Decimal(row["ratio"]), row.get("symbol", "")) for row in rows
        }
    )


def listings() -> tuple[Perpetual, ...]:
    """Return all instruments, the usual one first."""
    return tuple(_listing(row) for row in table(__file__, "listings.toml")["symbol"])


def _listing(row: Mapping[str, Any]) -> Perpetual:
    return Perpetual(
        symbol=row["symbol"],
        base=row["base"],
        quote=SETTLE,
        margin_asset=SETTLE,
        **sizes(row),
        band_up=Decimal(row["band"][0]),
        band_down=Decimal(row["band"][1]),
        trigger_band_up=Decimal(row["trigger_band"][0]),
        trigger_band_down=Decimal(row["trigger_band"][1]),
        max_open_orders=200,
        maker_rate=Decimal("0.0002"),
        taker_rate=Decimal("0.0005"),
        tiers=tiers(row["tiers"]),
        initial_price=Decimal(row["initial_price"]),
        market_take_bound=Decimal("0.05"),
        liquidation_rate=Decimal(row["liquidation_fee"]),
        onboard_ms=row["onboard_ms"],
        price_precision=row["price_precision"],
        quantity_precision=row["quantity_precision"],
        min_price=Decimal(row["min_price"]),
        max_price=Decimal(row["max_price"]),
        subtype=row["subtype"],
    )
