"""Instruments as the venue describes them.

Source: docs/v5/market/instrument, 2026-07-24.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from conformance.model.events import PhaseChanged, SettlementSet
from conformance.model.ids import Atoms, Millis, Symbol
from conformance.model.instruments import Phase
from conformance.model.money import ATOM
from conformance.venues.bybit.facts import FACTS
from conformance.venues.bybit.listings import CATEGORIES, LINEAR
from conformance.venues.bybit.server.answers import Answer
from conformance.venues.bybit.server.band import band_of
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk, category_of, line_of
from conformance.venues.bybit.server.figures import pool_of, price_of
from conformance.venues.bybit.server.pages import page
from conformance.venues.bybit.server.params import optional
from conformance.venues.bybit.server.terms import Terms
from conformance.venues.numbers import plain, stripped

_PHASES = {
    Phase.PRE_LAUNCH: "PreLaunch",
    Phase.TRADING: "Trading",
    Phase.HALTED: "Trading",
    Phase.PRE_DELIVERY: "Trading",
    Phase.DELIVERING: "Delivering",
    Phase.CLOSED: "Closed",
}
_ADL = FACTS["adl"]


class Info:
    """What can be traded."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def instruments(self, call: Call) -> Answer:
        """GET /v5/market/instruments-info: those that trade, unless a status is asked for."""
        return self._listed(call, {"forbidUplWithdrawal": False})

    def own_instruments(self, call: Call) -> Answer:
        """GET /v5/account/instruments-info: the same, with what the account may do there."""
        return self._listed(call, {"isPublicRpi": False, "myRpiPermission": False})

    def _listed(self, call: Call, more: dict[str, Any]) -> Answer:
        """Answer instruments; a base coin names contracts of either category."""
        params, category = call.params, line_of(call.params)
        symbol, base = optional(params, "symbol"), optional(params, "baseCoin")
        status = optional(params, "status") or "Trading"
        found = [
            terms
            for terms in self._desk.terms.values()
            if (terms.listing.base == base and category in CATEGORIES) or terms.category == category
            if symbol in ("", terms.symbol)
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
            "symbolType": "",
            "symbolId": 1 + list(self._desk.terms).index(terms.symbol),
        }


class Tables:
    """What the venue publishes about risk, insurance and delivery."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._fixed: dict[Symbol, Atoms] = {}
        self._delivered: dict[Symbol, tuple[Millis, Atoms]] = {}

    def on_settlement(self, event: SettlementSet, _at: Millis) -> None:
        """Take note of a price of delivery."""
        self._fixed[event.symbol] = event.price

    def on_phase(self, event: PhaseChanged, at: Millis) -> None:
        """Take note of a delivery: at the price that was fixed, or at the index."""
        if event.phase is Phase.DELIVERING:
            index = self._desk.core.index(event.symbol)
            self._delivered[event.symbol] = at, self._fixed.pop(event.symbol, index)

    def risk_limits(self, call: Call) -> Answer:
        """GET /v5/market/risk-limit: rates as fractions; all symbols on one page."""
        category = category_of(call.params)
        rows = [
            {
                "id": number,
                "symbol": terms.symbol,
                "riskLimitValue": plain(tier.cap),
                "maintenanceMargin": plain(tier.maintenance_rate),
                "initialMargin": plain((1 / Decimal(tier.max_leverage)).quantize(ATOM)),
                "isLowestRisk": int(number == 1),
                "maxLeverage": f"{tier.max_leverage}.00",
                "mmDeduction": plain(tier.deduction) if tier.deduction else "",
            }
            for terms in self._desk.terms_in(call.params)
            for number, tier in enumerate(terms.listing.tiers, 1)
        ]
        return Answer({"category": category, "list": rows, "nextPageCursor": ""})

    def delivery_prices(self, call: Call) -> Answer:
        """GET /v5/market/delivery-price: linear ones settle in USDC unless told otherwise."""
        params, category = call.params, category_of(call.params)
        if category == LINEAR and not optional(params, "symbol"):
            params = {**params, "settleCoin": optional(params, "settleCoin") or "USDC"}
        symbols = self._desk.terms_in({**params, "baseCoin": ""})
        rows = [
            {
                "symbol": terms.symbol,
                "deliveryPrice": stripped(self._delivered[terms.symbol][1]),
                "deliveryTime": str(self._delivered[terms.symbol][0]),
            }
            for terms in symbols
            if terms.symbol in self._delivered
        ]
        shown, more = page(call, rows)
        return Answer({"category": category, "list": list(shown), "nextPageCursor": more})

    def price_limit(self, call: Call) -> Answer:
        """GET /v5/market/price-limit."""
        category = optional(call.params, "category") or LINEAR
        terms = self._desk.terms_of({**call.params, "category": category})
        band = band_of(terms, self._desk)
        return Answer(
            {
                "symbol": terms.symbol,
                "buyLmt": terms.price.text(band.buy),
                "sellLmt": terms.price.text(band.sell),
                "ts": str(call.at),
            },
            text="",
        )

    def insurance(self, call: Call) -> Answer:
        """GET /v5/market/insurance: one pool for every coin, shared by all its contracts."""
        asked = optional(call.params, "coin")
        coins = dict.fromkeys(terms.coin for terms in self._desk.terms.values())
        rows = [
            {
                "coin": coin,
                "symbols": ",".join(n for n, t in self._desk.terms.items() if t.coin == coin),
                "balance": plain(pool_of(coin, self._desk)),
                "value": plain(pool_of(coin, self._desk) * price_of(coin, self._desk)),
            }
            for coin in coins
            if asked in ("", coin)
        ]
        return Answer({"updatedTime": str(call.at), "list": rows})

    def adl(self, call: Call) -> Answer:
        """GET /v5/market/adlAlert: nothing ever drew on the pools in eight hours."""
        rows = [
            {
                "coin": terms.coin,
                "symbol": terms.symbol,
                "balance": plain(pool_of(terms.coin, self._desk)),
                "maxBalance": "",
                "insurancePnlRatio": _ADL["insurance_pnl_ratio"],
                "pnlRatio": "0",
                "adlTriggerThreshold": _ADL["trigger_threshold"],
                "adlStopRatio": _ADL["stop_ratio"],
            }
            for terms in self._desk.terms.values()
            if optional(call.params, "symbol") in ("", terms.symbol)
        ]
        return Answer({"updateTime": str(call.at), "list": rows})

    def status(self, _call: Call) -> Answer:
        """GET /v5/system/status: no maintenance is announced."""
        return Answer({"list": []})
