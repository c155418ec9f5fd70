"""What surrounds trading: the insurance fund, deleveraging, asset indexes, rules of conduct.

Source: usds-margined-futures/market-data and account, 2026-05-28; SDK 18.1.0 models.
"""

from __future__ import annotations

from typing import Any

import orjson

from conformance.model.ids import INSURANCE, Millis
from conformance.model.orders import MarginMode, PositionSide
from conformance.venues.binance_usdm.listings import SETTLE
from conformance.venues.binance_usdm.server.assets import Worth, worths
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.refusals import Refused
from conformance.venues.numbers import money

_MARKETS = ("EQUITY", "COMMODITY", "KR_EQUITY", "HK_EQUITY", "CN_EQUITY", "FX")
_RISKS = ("low", "low", "medium", "medium", "high")
_AGREED = {"bare": "SUCCESS", "json": '{"code":200,"msg":"success"}'}


class Surroundings:
    """Reads that concern the venue rather than an order."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def insurance(self, call: Call) -> bytes:
        """GET /fapi/v1/insuranceBalance: one fund stands behind all symbols."""
        terms = self._desk.terms_if_sent(call)
        assets = [
            {
                "asset": row.asset,
                "marginBalance": money(row.margin_balance),
                "updateTime": row.updated_ms,
            }
            for row in (
                self._core.balances(INSURANCE) if INSURANCE in self._core.accounts() else ()
            )
        ] or [{"asset": SETTLE, "marginBalance": "0.00000000", "updateTime": call.at}]
        fund = {"symbols": list(self._desk.terms), "assets": assets}
        return orjson.dumps(fund if terms else [fund])

    def adl_risk(self, call: Call) -> bytes:
        """GET /fapi/v1/symbolAdlRisk: how far up the queue the first in line stands."""
        terms = self._desk.terms_if_sent(call)
        if terms is not None:
            return orjson.dumps(self._risk(terms.symbol, call.at))
        return orjson.dumps([self._risk(symbol, call.at) for symbol in self._desk.terms])

    def adl_quantile(self, call: Call) -> bytes:
        """GET /fapi/v1/adlQuantile: only symbols with a position, the rest is told by absence."""
        terms = self._desk.terms_if_sent(call)
        hedge = self._core.hedge(call.account)
        rows = []
        for symbol in [terms.symbol] if terms else self._desk.terms:
            legs = self._core.positions(call.account, symbol)
            if not any(leg.lots for leg in legs):
                continue
            places = {"LONG": 0, "SHORT": 0, self._last(hedge, legs[0].margin_mode): 0}
            for leg in legs:
                side = leg.position_side
                place = self._core.adl_quantile(call.account, symbol, side)
                places["BOTH" if side is PositionSide.NET else side.name] = place
            rows.append({"symbol": symbol, "adlQuantile": places})
        return orjson.dumps(rows)

    def asset_index(self, call: Call) -> bytes:
        """GET /fapi/v1/assetIndex: the assets that margin positions, in dollars."""
        rows = {worth.symbol: _index(worth, call.at) for worth in worths(self._core)}
        sent = call.params.get("symbol")
        if not sent:
            return orjson.dumps(list(rows.values()))
        row = rows.get(sent.upper())
        if row is None:
            raise Refused(-1121)
        return orjson.dumps(row)

    def composite_index(self, call: Call) -> bytes:
        """GET /fapi/v1/indexInfo: no composite index is listed."""
        if call.params.get("symbol"):
            raise Refused(-1121)
        return b"[]"

    def schedule(self, call: Call) -> bytes:
        """GET /fapi/v1/tradingSchedule: no instrument here keeps hours."""
        markets: dict[str, Any] = {name: {"sessions": []} for name in _MARKETS}
        return orjson.dumps({"updateTime": call.at, "marketSchedules": markets})

    def conduct(self, call: Call) -> bytes:
        """GET /fapi/v1/apiTradingStatus: nobody breaks the quantitative rules here."""
        self._desk.terms_if_sent(call)
        return orjson.dumps({"indicators": {}, "updateTime": call.at})

    def agree(self, _call: Call) -> str:
        """POST /fapi/v1/stock/contract: bare text, or JSON as the SDK's model has it."""
        return _AGREED[self._desk.switches["agreement_reply"]]

    def _risk(self, symbol: str, at: Millis) -> dict[str, Any]:
        places = [
            self._core.adl_quantile(account, symbol, leg.position_side)
            for account in self._core.accounts()
            if account != INSURANCE
            for leg in self._core.positions(account, symbol)
            if leg.lots and leg.unrealised > 0
        ]
        return {"symbol": symbol, "adlRisk": _RISKS[max(places, default=0)], "updateTime": at}

    @staticmethod
    def _last(hedge: bool, mode: MarginMode) -> str:  # noqa: FBT001 - the mode
        return "HEDGE" if hedge and mode is MarginMode.CROSS else "BOTH"


def _index(worth: Worth, at: Millis) -> dict[str, Any]:
    return {
        "symbol": worth.symbol,
        "time": at,
        "index": worth.price,
        "bidBuffer": worth.buffer,
        "askBuffer": worth.buffer,
        "bidRate": worth.bid,
        "askRate": worth.ask,
        "autoExchangeBidBuffer": worth.buffer,
        "autoExchangeAskBuffer": worth.buffer,
        "autoExchangeBidRate": worth.bid,
        "autoExchangeAskRate": worth.ask,
    }
