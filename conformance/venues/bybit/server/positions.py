"""Positions, and the settings that belong to them.

Source: docs/v5/position, 2026-07-24.
"""

from __future__ import annotations

from decimal import Decimal

from conformance.model.commands import MoveMargin, SetLeverage, SetPositionMode
from conformance.model.money import to_atoms
from conformance.model.orders import MarginMode
from conformance.venues.bybit.listings import LINEAR
from conformance.venues.bybit.server.answers import DONE, Answer, Refused, invalid
from conformance.venues.bybit.server.call import Call
from conformance.venues.bybit.server.desk import Desk, category_of
from conformance.venues.bybit.server.entry import read_leg
from conformance.venues.bybit.server.figures import position_row
from conformance.venues.bybit.server.pages import page
from conformance.venues.bybit.server.params import exact, optional, text, whole
from conformance.venues.bybit.server.words import INDEXES
from conformance.venues.numbers import plain

_MARGIN_ROW = (
    "symbol",
    "positionIdx",
    "riskId",
    "riskLimitValue",
    "size",
    "positionValue",
    "avgPrice",
    "liqPrice",
    "bustPrice",
    "markPrice",
    "leverage",
    "autoAddMargin",
    "positionStatus",
    "positionIM",
    "positionMM",
    "unrealisedPnl",
    "cumRealisedPnl",
    "stopLoss",
    "takeProfit",
    "trailingStop",
    "createdTime",
    "updatedTime",
)
"""What add-margin tells of a leg (docs/v5/position/manual-add-margin, 2026-07-24)."""
_MARGIN_STEP = Decimal("0.0001")
_ONE_WAY, _HEDGE = 0, 3
_HEDGED_COIN = "USDT"
"""Perpetuals that settle in it may be hedged (docs/v5/position/position-mode, 2026-07-24)."""
_MODES = {_ONE_WAY: False, _HEDGE: True}


class Positions:
    """The position endpoints."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def list(self, call: Call) -> Answer:
        """GET /v5/position/list: with a symbol flat legs too, and in no fixed order."""
        params, account = call.params, call.account
        category = category_of(params)
        if category == LINEAR and not (
            optional(params, "symbol") or optional(params, "settleCoin")
        ):
            raise invalid("symbol or settleCoin")
        legs = [
            (leg, terms)
            for terms in self._desk.terms_in(params)
            for leg in reversed(self._core.positions(account, terms.symbol))
            if leg.lots or optional(params, "symbol")
        ]
        shown, more = page(call, legs)
        rows = [position_row(leg, account, terms, self._desk) for leg, terms in shown]
        return Answer({"category": category, "list": rows, "nextPageCursor": more})

    def symbol_info(self, call: Call) -> Answer:
        """GET /v5/position/symbol-info: the leverage, whether there is a position or not."""
        legs = [
            leg
            for terms in self._desk.terms_in(call.params)
            for leg in self._core.positions(call.account, terms.symbol)
        ]
        return Answer(
            {
                "list": [
                    {
                        "symbol": leg.symbol,
                        "leverage": str(leg.leverage),
                        "side": "",
                        "positionIdx": INDEXES[leg.position_side],
                    }
                    for leg in legs
                ]
            }
        )

    def set_leverage(self, call: Call) -> Answer:
        """POST /v5/position/set-leverage: the same for both sides, in whole numbers here."""
        terms = self._desk.terms_of(call.params)
        buys, sells = (exact(call.params, f"{side}Leverage") for side in ("buy", "sell"))
        if buys != sells:
            raise Refused(10001, "buy leverage not equal sell leverage")
        leverage = int(buys)
        if leverage != buys or leverage < 1:
            raise Refused(110013)
        if leverage == self._core.leverage(call.account, terms.symbol):
            raise Refused(110043)
        self._desk.carry_out(SetLeverage(call.account, terms.symbol, leverage), call.at)
        return DONE

    def switch_mode(self, call: Call) -> Answer:
        """POST /v5/position/switch-mode: of the whole account here, whatever symbol is named."""
        params = call.params
        hedge = _MODES.get(whole(params, "mode", -1))
        if hedge is None:
            raise Refused(10001, "params error: position_mode invalid")
        if category_of(params) != LINEAR:
            raise Refused(110029)
        if optional(params, "symbol"):
            terms = self._desk.terms_of(params)
            if hedge and terms.listing.expiry_ms is not None:
                raise Refused(110029)
        elif hedge and text(params, "coin") != _HEDGED_COIN:
            raise Refused(110029)
        self._desk.carry_out(SetPositionMode(call.account, hedge), call.at)
        return DONE

    def add_margin(self, call: Call) -> Answer:
        """POST /v5/position/add-margin: below zero takes margin out."""
        params, account = call.params, call.account
        terms, leg = self._desk.terms_of(params), read_leg(params, call.account, self._desk)
        amount = exact(params, "margin")
        if amount != amount.quantize(_MARGIN_STEP):
            raise invalid("margin")
        command = MoveMargin(account, terms.symbol, leg, to_atoms(abs(amount)), amount < 0)
        self._desk.carry_out(command, call.at)
        position = self._core.position(account, terms.symbol, leg)
        row = position_row(position, account, terms, self._desk)
        told = {name: row[name] for name in _MARGIN_ROW}
        return Answer({"category": terms.category, **told})

    def set_auto_add_margin(self, call: Call) -> Answer:
        """POST /v5/position/set-auto-add-margin: told again, and not done."""
        params, account = call.params, call.account
        terms, leg = self._desk.terms_of(params), read_leg(params, call.account, self._desk)
        on = whole(params, "autoAddMargin", -1)
        if on not in (0, 1) or terms.category != LINEAR:
            raise invalid("autoAddMargin")
        if self._core.margin_mode(account, terms.symbol) is MarginMode.CROSS:
            raise Refused(110076)
        chosen = self._desk.config(account).auto_add
        (chosen.add if on else chosen.discard)((terms.symbol, leg))
        return DONE

    def confirm_pending_mmr(self, call: Call) -> Answer:
        """POST /v5/position/confirm-pending-mmr: no position here is ever marked reduce-only."""
        self._desk.terms_of(call.params)
        raise Refused(110082)

    def set_risk_limit(self, call: Call) -> Answer:
        """POST /v5/position/set-risk-limit: without effect since tiers follow by themselves."""
        terms, number = self._desk.terms_of(call.params), whole(call.params, "riskId", 1)
        if not 0 < number <= len(terms.listing.tiers):
            raise Refused(110031)
        cap = plain(terms.listing.tiers[number - 1].cap)
        return Answer({"riskId": number, "riskLimitValue": cap, "category": terms.category})

    def set_tpsl_mode(self, call: Call) -> Answer:
        """POST /v5/position/set-tpsl-mode: deprecated, answered as before."""
        self._desk.terms_of(call.params)
        return Answer({"tpSlMode": text(call.params, "tpSlMode")})

    def switch_isolated(self, _call: Call) -> Answer:
        """POST /v5/position/switch-isolated: not for unified accounts."""
        raise Refused(100028)
