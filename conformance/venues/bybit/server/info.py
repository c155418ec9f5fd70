"""Instruments as the venue describes them.

Source: docs/v5/market/instrument, 2026-07-24.
"""

from __future__ import annotations

from typing import Any

from conformance.model.instruments import Phase
from conformance.venues.bybit.listings import CATEGORIES
from conformance.venues.bybit.server.answers import Answer, Refused
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk
from conformance.venues.bybit.server.pages import page
from conformance.venues.bybit.server.params import optional
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.numbers import plain

_PHASES = {
    Phase.PRE_LAUNCH: "PreLaunch",
    Phase.TRADING: "Trading",
    Phase.HALTED: "Trading",
    Phase.PRE_DELIVERY: "Trading",
    Phase.DELIVERING: "Delivering",
    Phase.CLOSED: "Closed",
}
_EMPTY = ("spot", "option")
"""Product lines that exist and have nothing listed here."""


class Info:
    """What can be traded."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def instruments(self, call: Call) -> Answer:
        """GET /v5/market/instruments-info: those that trade, unless a status is asked for."""
        category = call.category
        if category not in (*CATEGORIES, *_EMPTY):
            raise Refused(10001, "Illegal category")
        return self._listed(call, category, {})

    def own_instruments(self, call: Call) -> Answer:
        """GET /v5/account/instruments-info: the same, with what the account may do there."""
        return self._listed(call, call.category, {"isPublicRpi": False, "myRpiPermission": False})

    def _listed(self, call: Call, category: str, more: dict[str, Any]) -> Answer:
        params = call.params
        symbol, base = optional(params, "symbol"), optional(params, "baseCoin")
        status = optional(params, "status") or "Trading"
        found = [
            terms
            for terms in self._desk.terms.values()
            if terms.category == category
            and symbol in ("", terms.symbol)
            and base in ("", terms.listing.base)
            and (symbol or self._status(terms) == status)
        ]
        rows, more_rows = page(call, found)
        return Answer(
            {
                "category": category,
                "list": [self._row(terms) | more for terms in rows],
                "nextPageCursor": more_rows,
            }
        )

    def _status(self, terms: Terms) -> str:
        return _PHASES.get(self._desk.core.phase(terms.symbol), "Trading")

    def _row(self, terms: Terms) -> dict[str, Any]:
        listing, perpetual = terms.listing, terms.listing.expiry_ms is None
        cap = "" if listing.funding_cap is None else plain(listing.funding_cap)
        quantity = terms.quantity.text
        delivery = self._desk.core.delivery(terms.symbol)
        return {
            "symbol": terms.symbol,
            "contractType": listing.type,
            "status": self._status(terms),
            "baseCoin": listing.base,
            "quoteCoin": listing.quote,
            "launchTime": str(listing.onboard_ms),
            "deliveryTime": str(delivery or 0),
            "deliveryFeeRate": "" if perpetual else "0.0005",
            "priceScale": str(listing.price_scale),
            "leverageFilter": {
                "minLeverage": "1",
                "maxLeverage": f"{listing.tiers[0].max_leverage}.00",
                "leverageStep": "0.01",
            },
            "priceFilter": {
                "minPrice": terms.price.text(listing.prices.floor(listing.min_price)),
                "maxPrice": terms.price.text(listing.prices.floor(listing.max_price)),
                "tickSize": terms.price.text(1),
            },
            "lotSizeFilter": {
                "maxOrderQty": quantity(listing.max_lots),
                "minOrderQty": quantity(listing.min_lots),
                "qtyStep": quantity(1),
                "postOnlyMaxOrderQty": quantity(listing.max_lots),
                "maxMktOrderQty": quantity(listing.market_max_lots),
                "minNotionalValue": plain(listing.min_notional),
            },
            "unifiedMarginTrade": True,
            "fundingInterval": self._desk.core.funding(terms.symbol).interval_h * 60,
            "settleCoin": terms.coin,
            "copyTrading": "none",
            "upperFundingRate": cap,
            "lowerFundingRate": cap and f"-{cap}",
            "isPreListing": False,
            "preListingInfo": None,
            "riskParameters": {
                "priceLimitRatioX": plain(listing.ratio_x),
                "priceLimitRatioY": plain(listing.ratio_y),
            },
            "displayName": "",
            "forbidUplWithdrawal": False,
            "symbolType": "",
            "symbolId": 1 + list(self._desk.terms).index(terms.symbol),
        }
