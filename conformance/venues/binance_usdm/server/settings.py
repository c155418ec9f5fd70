"""What an account chooses: leverage, margin, modes, and the countdown that cancels for it.

Source: usds-margined-futures/trade and account, 2026-05-28; SDK 18.1.0 models.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import NamedTuple

import orjson

from conformance.model.commands import (
    MoveMargin,
    SetCountdown,
    SetJointMargin,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from conformance.model.events import MarginMoved
from conformance.model.ids import AccountId, Millis
from conformance.model.money import ATOMS_PER_UNIT
from conformance.model.orders import MarginMode, PositionSide
from conformance.venues.binance_usdm.facts import ENDPOINTS, FACTS
from conformance.venues.binance_usdm.server.call import Call
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.numbers import atoms
from conformance.venues.binance_usdm.server.params import text, truth, whole
from conformance.venues.binance_usdm.server.queries import limit_of
from conformance.venues.binance_usdm.server.refusals import Refused, invalid, malformed
from conformance.venues.binance_usdm.server.words import POSITION_SIDES, READ_LEGS
from conformance.venues.numbers import atoms_text, plain

SUCCESS = '{"code":200,"msg":"success"}'
_MODES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}
_ADD, _TAKE = 1, 2
_MOVED = "Successfully modify position margin."
_KEPT_MS: Millis = FACTS["orders"]["margin_history_ms"]
_MOVES_KEPT = 10_000


class Move(NamedTuple):
    """One change of an isolated margin."""

    event: MarginMoved
    at: Millis


class Settings:
    """The endpoints that change an account, and those that read what was chosen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core
        self._moves: dict[AccountId, deque[Move]] = defaultdict(lambda: deque(maxlen=_MOVES_KEPT))
        self._no_burn: set[AccountId] = set()

    def note(self, event: MarginMoved, at: Millis) -> None:
        """Remember a change of an isolated margin."""
        self._moves[event.account].append(Move(event, at))

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

    def set_multi_assets(self, call: Call) -> str:
        """POST /fapi/v1/multiAssetsMargin."""
        joint = truth(call.params, "multiAssetsMargin")
        self._desk.carry_out(SetJointMargin(call.account, joint), call.at)
        return SUCCESS

    def multi_assets(self, call: Call) -> bytes:
        """GET /fapi/v1/multiAssetsMargin."""
        return orjson.dumps({"multiAssetsMargin": self._core.joint(call.account)})

    def set_fee_burn(self, call: Call) -> str:
        """POST /fapi/v1/feeBurn; fees are kept in the margin asset either way."""
        if truth(call.params, "feeBurn"):
            self._no_burn.discard(call.account)
        else:
            self._no_burn.add(call.account)
        return SUCCESS

    def fee_burn(self, call: Call) -> bytes:
        """GET /fapi/v1/feeBurn."""
        return orjson.dumps({"feeBurn": self.burns(call.account)})

    def burns(self, account: AccountId) -> bool:
        """Say whether an account chose to pay fees in BNB."""
        return account not in self._no_burn

    def move_margin(self, call: Call) -> bytes:
        """POST /fapi/v1/positionMargin: 1 adds, 2 takes away."""
        terms = self._desk.terms_of(call)
        amount = atoms(text(call.params, "amount"), "amount")
        kind = whole(call.params, "type")
        if kind is None:
            raise malformed("type")
        if kind not in (_ADD, _TAKE):
            raise invalid("type")
        side = self._side(call)
        command = MoveMargin(call.account, terms.symbol, side, amount, take=kind == _TAKE)
        self._desk.carry_out(command, call.at)
        body = {"amount": amount / ATOMS_PER_UNIT, "code": 200, "msg": _MOVED, "type": kind}
        return orjson.dumps(body)

    def margin_history(self, call: Call) -> bytes:
        """GET /fapi/v1/positionMargin/history: 30 days."""
        terms = self._desk.terms_of(call)
        kind = whole(call.params, "type")
        if kind not in (None, _ADD, _TAKE):
            raise invalid("type")
        start = whole(call.params, "startTime") or call.at - _KEPT_MS
        end = whole(call.params, "endTime") or call.at
        if start > end:
            raise Refused(-1023)
        rows = [
            {
                "symbol": terms.symbol,
                "type": _ADD if event.amount > 0 else _TAKE,
                "deltaType": "USER_ADJUST",
                "amount": atoms_text(abs(event.amount)),
                "asset": terms.listing.margin_asset,
                "time": at,
                "positionSide": POSITION_SIDES[event.position_side],
            }
            for event, at in self._moves[call.account]
            if event.symbol == terms.symbol
            and max(start, call.at - _KEPT_MS) <= at <= end
            and (kind is None or (kind == _ADD) is (event.amount > 0))
        ]
        return orjson.dumps(rows[-limit_of(ENDPOINTS["margin-history"], call.params) :])

    def countdown(self, call: Call) -> bytes:
        """POST /fapi/v1/countdownCancelAll: zero calls it off."""
        terms = self._desk.terms_of(call)
        left = whole(call.params, "countdownTime")
        if left is None:
            raise malformed("countdownTime")
        if left < 0:
            raise invalid("countdownTime")
        command = SetCountdown(call.account, terms.symbol, call.at + left if left else None)
        self._desk.carry_out(command, call.at)
        return orjson.dumps({"symbol": terms.symbol, "countdownTime": str(left)})

    def _side(self, call: Call) -> PositionSide:
        """Return the leg that is meant; in hedge mode it must be named."""
        side = READ_LEGS.get(call.params.get("positionside") or "BOTH")
        if side is None:
            raise Refused(-4060)
        if (side is PositionSide.NET) is self._core.hedge(call.account):
            raise Refused(-4061)
        return side
