"""Balances, positions and settings of an account.

Source: usds-margined-futures/account and trade, 2026-05-28; SDK 18.1.0 models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import orjson

from conformance.model.ids import AccountId
from conformance.model.orders import MarginMode
from conformance.model.records import PositionRecord
from conformance.venues.binance_usdm.listings import SETTLE
from conformance.venues.binance_usdm.server.assets import COLLATERAL
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
    together,
    totals,
)
from conformance.venues.numbers import plain

_ALLOWED = {"canTrade": True, "canDeposit": True, "canWithdraw": True}
_UNGROUPED = -1
"""tradeGroupId of an account that belongs to no group."""


class Accounts:
    """The account endpoints."""

    def __init__(self, desk: Desk, burns: Callable[[AccountId], bool]) -> None:
        self._desk = desk
        self._core = desk.core
        self._burns = burns

    def balances(self, call: Call) -> bytes:
        """GET /fapi/v2/balance and /fapi/v3/balance."""
        return orjson.dumps(
            [balance(row, call.account) for row in self._core.balances(call.account)]
        )

    def account_v2(self, call: Call) -> bytes:
        """GET /fapi/v2/account: header, totals, assets, and the legs of every symbol."""
        balances = self._core.balances(call.account)
        legs = self._core.positions(call.account)
        burns = self._burns(call.account)
        reply: Row = {"feeTier": 0, "feeBurn": burns, **_ALLOWED, "updateTime": 0}
        reply |= self._modes(call.account)
        reply |= self._totals(call.account)
        reply["assets"] = [
            asset(row) | {"marginAvailable": row.asset in COLLATERAL} for row in balances
        ]
        reply["positions"] = [leg_v2(leg, self._desk.terms[leg.symbol]) for leg in legs]
        return orjson.dumps(reply)

    def account_v3(self, call: Call) -> bytes:
        """GET /fapi/v3/account: totals, assets, and the legs that are held or ordered."""
        legs = self._active(call.account)
        reply = self._totals(call.account)
        reply["assets"] = [asset(row) for row in self._core.balances(call.account)]
        reply["positions"] = [leg_v3(leg, self._desk.terms[leg.symbol]) for leg in legs]
        return orjson.dumps(reply)

    def status(self, call: Call) -> bytes:
        """v2/account.status: as account v3, its assets with marginAvailable."""
        reply: Row = orjson.loads(self.account_v3(call))
        for row in reply["assets"]:
            row["marginAvailable"] = row["asset"] in COLLATERAL
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
                **self._modes(call.account),
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

    def _totals(self, account: AccountId) -> Row:
        core = self._core
        settle = core.balance(account, SETTLE)
        if core.joint(account):
            return totals(together(core.balances(account), settle, core))
        return totals(settle)

    def _modes(self, account: AccountId) -> Row:
        group = self._core.trade_group(account)
        return {
            "multiAssetsMargin": self._core.joint(account),
            "tradeGroupId": int(group) if group.isdigit() else _UNGROUPED,
        }

    def _active(self, account: AccountId, symbol: str | None = None) -> Iterable[PositionRecord]:
        ordered = {(o.symbol, o.position_side) for o in self._core.open_orders(account, symbol)}
        for leg in self._core.positions(account, symbol):
            if leg.lots or (leg.symbol, leg.position_side) in ordered:
                yield leg
