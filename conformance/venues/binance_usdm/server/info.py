"""``exchangeInfo``: what can be traded, and by which filters.

Source: usds-margined-futures/market-data Exchange-Information, 2026-05-28, with the live extras
seen in captures. ``orderTypes`` keeps the conditional types although /order refuses them.
"""

from __future__ import annotations

from typing import Any

import orjson

from conformance.contracts.core import Core
from conformance.model.ids import Millis
from conformance.model.instruments import Phase
from conformance.model.orders import RiskControl
from conformance.venues.binance_usdm.facts import FACTS
from conformance.venues.binance_usdm.server.assets import COLLATERAL
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.limits import rate_limit
from conformance.venues.binance_usdm.server.numbers import Terms
from conformance.venues.numbers import plain

NEVER: Millis = 4_133_404_800_000
"""deliveryDate of a perpetual."""

PHASES = {
    Phase.PRE_LAUNCH: "PENDING_TRADING",
    Phase.TRADING: "TRADING",
    Phase.HALTED: "TRADING_HALT",
    Phase.PRE_DELIVERY: "PRE_SETTLE",
    Phase.DELIVERING: "SETTLING",
    Phase.CLOSED: "CLOSE",
    Phase.UNKNOWN: "UNHEARD_OF",
}
"""Statuses of a perpetual; the last one is in no document, clients must tolerate it."""


def exchange_info(desk: Desk, at: Millis) -> bytes:
    """Return the whole reply."""
    return orjson.dumps(
        {
            "timezone": "UTC",
            "serverTime": at,
            "futuresType": "U_MARGINED",
            "rateLimits": [
                rate_limit("REQUEST_WEIGHT", "requests"),
                rate_limit("ORDERS", "orders-minute"),
                rate_limit("ORDERS", "orders"),
            ],
            "exchangeFilters": [],
            "assets": [
                {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
                for asset in COLLATERAL
            ]
            + [{"asset": "BNB", "marginAvailable": False, "autoAssetExchange": None}],
            "symbols": [_symbol(terms, desk.core) for terms in desk.terms.values()],
        }
    )


def _symbol(terms: Terms, core: Core) -> dict[str, Any]:
    listing, phase = terms.listing, core.phase(terms.symbol)
    return {
        "symbol": listing.symbol,
        "pair": listing.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": core.delivery(terms.symbol) or NEVER,
        "onboardDate": listing.onboard_ms,
        "status": PHASES[phase],
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.margin_asset,
        "pricePrecision": listing.price_precision,
        "quantityPrecision": listing.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [listing.subtype],
        "settlePlan": 0,
        "triggerProtect": f"{listing.trigger_protect:.4f}",
        "liquidationFee": f"{listing.liquidation_rate}",
        "marketTakeBound": f"{listing.market_take_bound}",
        "maxMoveOrderLimit": FACTS["orders"]["amendments_max"] + 1,
        "filters": _filters(terms, core.risk_control(terms.symbol)),
        "orderTypes": FACTS["orders"]["types"] + FACTS["orders"]["conditional"],
        "timeInForce": FACTS["orders"]["time_in_force"],
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(terms: Terms, control: RiskControl) -> list[dict[str, Any]]:
    listing = terms.listing
    lot = {"minQty": plain(listing.min_quantity), "stepSize": plain(listing.step)}
    most = terms.quantity.text(listing.market_max_lots)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(listing.min_price),
            "maxPrice": plain(listing.max_price),
            "tickSize": f"{listing.tick}",
        },
        {"filterType": "LOT_SIZE", "maxQty": plain(listing.max_quantity), **lot},
        {"filterType": "MARKET_LOT_SIZE", "maxQty": most, **lot},
        {"filterType": "MAX_NUM_ORDERS", "limit": listing.max_open_orders},
        {"filterType": "MIN_NOTIONAL", "notional": plain(listing.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": f"{listing.band_up}",
            "multiplierDown": f"{listing.band_down}",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": control.name},
    ]
