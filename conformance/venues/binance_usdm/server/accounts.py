"""Balances, positions and settings of an account.

Source: usds-margined-futures/account and trade, 2026-05-28; SDK 18.1.0 models.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from conformance.model.commands import SetLeverage, SetMarginMode, SetPositionMode
from conformance.model.ids import AccountId
from conformance.model.orders import MarginMode
from conformance.model.records import PositionRecord
from conformance.venues.binance_usdm.listings import SETTLE
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.figures import (
    Row,
    asset,
    balance,
    brackets,
    leg_v2,
    leg_v3,
    risk_v2,
    risk_v3,
    totals,
)
from conformance.venues.binance_usdm.server.numbers import plain
from conformance.venues.binance_usdm.server.params import text, truth, whole
from conformance.venues.binance_usdm.server.refusals import invalid, malformed

SUCCESS = '{"code":200,"msg":"success"}'
_MODES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}
_ALLOWED = {"canTrade": True, "canDeposit": True, "canWithdraw": True}
_UNGROUPED = {"multiAssetsMargin": False, "tradeGroupId": -1}


class Accounts:
    """The account endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def balances(self, call: Call) -> bytes:
        """GET /fapi/v2/balance and /fapi/v3/balance."""
        return orjson.dumps(
            [balance(row, call.account) for row in self._core.balances(call.account)]
        )

    def account_v2(self, call: Call) -> bytes:
        """GET /fapi/v2/account: header, totals, assets, and the legs of every symbol."""
        balances = self._core.balances(call.account)
        legs = self._core.positions(call.account)
        reply: Row = {"feeTier": 0, "feeBurn": True, **_ALLOWED, "updateTime": 0, **_UNGROUPED}
        reply |= totals(self._core.balance(call.account, SETTLE))
        reply["assets"] = [asset(row) | {"marginAvailable": True} for row in balances]
        reply["positions"] = [leg_v2(leg, self._desk.terms[leg.symbol]) for leg in legs]
        return orjson.dumps(reply)

    def account_v3(self, call: Call) -> bytes:
        """GET /fapi/v3/account: totals, assets, and the legs that are held or ordered."""
        legs = self._active(call.account)
        reply = totals(self._core.balance(call.account, SETTLE))
        reply["assets"] = [asset(row) for row in self._core.balances(call.account)]
        reply["positions"] = [leg_v3(leg, self._desk.terms[leg.symbol]) for leg in legs]
        return orjson.dumps(reply)

    def status(self, call: Call) -> bytes:
        """v2/account.status: as account v3, its assets with marginAvailable."""
        reply: Row = orjson.loads(self.account_v3(call))
        for row in reply["assets"]:
            row["marginAvailable"] = True
        return orjson.dumps(reply)

    def positions_v2(self, call: Call) -> bytes:
        """GET /fapi/v2/positionRisk: every symbol, flat ones too."""
        terms = self._desk.terms_if_sent(call)
        legs = self._core.positions(call.account, terms.symbol if terms else None)
        return orjson.dumps([risk_v2(leg, self._desk.terms[leg.symbol]) for leg in legs])

    def positions_v3(self, call: Call) -> bytes:
        """GET /fapi/v3/positionRisk: only symbols with a position or open orders."""
        terms = self._desk.terms_if_sent(call)
        legs = self._active(call.account, terms.symbol if terms else None)
        return orjson.dumps([risk_v3(leg, self._desk.terms[leg.symbol]) for leg in legs])

    def config(self, call: Call) -> bytes:
        """GET /fapi/v1/accountConfig."""
        return orjson.dumps(
            {
                "feeTier": 0,
                **_ALLOWED,
                "dualSidePosition": self._core.hedge(call.account),
                "updateTime": 0,
                **_UNGROUPED,
            }
        )

    def symbol_config(self, call: Call) -> bytes:
        """GET /fapi/v1/symbolConfig."""
        terms = self._desk.terms_if_sent(call)
        rows = []
        for symbol in [terms.symbol] if terms else self._desk.terms:
            leg = self._core.positions(call.account, symbol)[0]
            isolated = leg.margin_mode is MarginMode.ISOLATED
            rows.append(
                {
                    "symbol": symbol,
                    "marginType": "ISOLATED" if isolated else "CROSSED",
                    "isAutoAddMargin": False,
                    "leverage": leg.leverage,
                    "maxNotionalValue": plain(leg.max_notional),
                }
            )
        return orjson.dumps(rows)

    def brackets(self, call: Call) -> bytes:
        """GET /fapi/v1/leverageBracket: an array, as live, also when a symbol is sent."""
        terms = self._desk.terms_if_sent(call)
        chosen = [terms] if terms else self._desk.terms.values()
        return orjson.dumps([brackets(each) for each in chosen])

    def commission(self, call: Call) -> bytes:
        """GET /fapi/v1/commissionRate."""
        terms = self._desk.terms_of(call)
        return orjson.dumps(
            {
                "symbol": terms.symbol,
                "makerCommissionRate": f"{terms.listing.maker_rate:.6f}",
                "takerCommissionRate": f"{terms.listing.taker_rate:.6f}",
                "rpiCommissionRate": "0.000050",
            }
        )

    def set_leverage(self, call: Call) -> bytes:
        """POST /fapi/v1/leverage; the same value again succeeds."""
        terms = self._desk.terms_of(call)
        leverage = whole(call.params, "leverage")
        if leverage is None:
            raise malformed("leverage")
        command = SetLeverage(call.account, terms.symbol, leverage)
        self._desk.carry_out(command, call.at)
        cap = self._core.positions(call.account, terms.symbol)[0].max_notional
        return orjson.dumps(
            {"leverage": leverage, "maxNotionalValue": plain(cap), "symbol": terms.symbol}
        )

    def set_margin_mode(self, call: Call) -> str:
        """POST /fapi/v1/marginType."""
        terms = self._desk.terms_of(call)
        mode = _MODES.get(text(call.params, "marginType").upper())
        if mode is None:
            raise invalid("marginType")
        self._desk.carry_out(SetMarginMode(call.account, terms.symbol, mode), call.at)
        return SUCCESS

    def set_position_mode(self, call: Call) -> str:
        """POST /fapi/v1/positionSide/dual."""
        hedge = truth(call.params, "dualSidePosition")
        self._desk.carry_out(SetPositionMode(call.account, hedge), call.at)
        return SUCCESS

    def position_mode(self, call: Call) -> bytes:
        """GET /fapi/v1/positionSide/dual."""
        return orjson.dumps({"dualSidePosition": self._core.hedge(call.account)})

    def multi_assets(self, _call: Call) -> str:
        """GET /fapi/v1/multiAssetsMargin: the simulated venue keeps single-asset mode."""
        return '{"multiAssetsMargin":false}'

    def _active(self, account: AccountId, symbol: str | None = None) -> Iterable[PositionRecord]:
        ordered = {(o.symbol, o.position_side) for o in self._core.open_orders(account, symbol)}
        for leg in self._core.positions(account, symbol):
            if leg.lots or (leg.symbol, leg.position_side) in ordered:
                yield leg
