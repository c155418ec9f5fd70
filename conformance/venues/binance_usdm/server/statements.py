"""ACCOUNT_UPDATE, ACCOUNT_CONFIG_UPDATE and MARGIN_CALL: what became of money and positions.

Source: usds-margined-futures/user-data-streams, 2026-05-28; SDK 18.1.0; change log 2026-08-07
(the symbol of a funding).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from conformance.model.events import (
    BalanceChanged,
    Cause,
    FundingCharged,
    JointMarginChanged,
    LeverageChanged,
    MarginCalled,
    MarginModeChanged,
    MarginMoved,
    PositionChanged,
)
from conformance.model.ids import AccountId, Atoms, Millis, Symbol
from conformance.model.orders import MarginMode, PositionSide
from conformance.model.records import PositionRecord, Stake
from conformance.model.wire import Topic
from conformance.venues.binance_usdm.server.courier import Courier
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.words import POSITION_SIDES
from conformance.venues.numbers import atoms_text, money, stripped

_REASONS = {
    Cause.TRADE: "ORDER",
    Cause.DEPOSIT: "DEPOSIT",
    Cause.WITHDRAWAL: "WITHDRAW",
    Cause.FUNDING: "FUNDING_FEE",
    Cause.LIQUIDATION: "ORDER",
    Cause.MARGIN_MODE: "MARGIN_TYPE_CHANGE",
    Cause.SPECIAL_FUNDING: "FUNDING_FEE",
    Cause.MARGIN_MOVED: "MARGIN_TRANSFER",
    Cause.LIQUIDATION_FEE: "INSURANCE_CLEAR",
    Cause.INSURANCE_CLEAR: "INSURANCE_CLEAR",
    Cause.AUTO_EXCHANGE: "AUTO_EXCHANGE",
    Cause.DELIVERY: "ORDER",
}


_ONE_WAY = (PositionSide.NET,)
_HEDGED = (PositionSide.LONG, PositionSide.SHORT)


class Statements:
    """Gathers the changes of an account until they are one event."""

    def __init__(self, desk: Desk, courier: Courier) -> None:
        self._desk = desk
        self._core = desk.core
        self._courier = courier
        self._balances: dict[AccountId, list[BalanceChanged]] = {}
        self._positions: dict[AccountId, list[PositionChanged]] = {}
        self._funded: dict[AccountId, Symbol] = {}
        self.tellers: Mapping[type, Callable[[Any, Millis], None]] = {
            BalanceChanged: self._balance,
            PositionChanged: self._position,
            FundingCharged: self._funding,
            MarginMoved: self._margin_moved,
            MarginModeChanged: self._margin_mode,
            MarginCalled: self._margin_called,
            LeverageChanged: self._leverage,
            JointMarginChanged: self._joint,
        }
        """What tells which event of the core."""

    def close(self, at: Millis) -> None:
        """Tell what was gathered about every account."""
        if self._balances or self._positions:
            for account in dict.fromkeys([*self._balances, *self._positions]):
                self.tell(account, at)

    def tell(self, account: AccountId, at: Millis) -> None:
        """Tell what was gathered about an account, one event per cause."""
        balances = self._balances.pop(account, ())
        positions = self._positions.pop(account, ())
        symbol = self._funded.pop(account, "")
        found: dict[str, tuple[list[str], list[str]]] = {}
        for balance in balances:
            rows = found.setdefault(_REASONS[balance.cause], ([], []))
            rows[0].append(self._purse(balance))
        for position in positions:
            rows = found.setdefault(_REASONS[position.cause], ([], []))
            rows[1].append(self._moved(position))
        for reason, rows in found.items():
            self._update(account, at, reason, *rows, symbol if reason == "FUNDING_FEE" else "")

    def _balance(self, event: BalanceChanged, _at: Millis) -> None:
        if self._courier.heard(event.account):
            self._balances.setdefault(event.account, []).append(event)

    def _position(self, event: PositionChanged, _at: Millis) -> None:
        if self._courier.heard(event.account):
            self._positions.setdefault(event.account, []).append(event)

    def _funding(self, event: FundingCharged, at: Millis) -> None:
        """Begin an update of its own: each funding names its symbol."""
        if self._courier.heard(event.account) and self._funded.get(event.account) != event.symbol:
            self.tell(event.account, at)
            self._funded[event.account] = event.symbol

    def _margin_moved(self, event: MarginMoved, _at: Millis) -> None:
        """Say the wallet too: what is left of it for cross margin has changed."""
        asset = self._desk.terms[event.symbol].listing.margin_asset
        wallet = _atoms(self._core.balance(event.account, asset).wallet)
        change = BalanceChanged(event.account, asset, wallet, 0, Cause.MARGIN_MOVED)
        self._balances.setdefault(event.account, []).append(change)

    def _margin_mode(self, event: MarginModeChanged, at: Millis) -> None:
        core, account, symbol = self._core, event.account, event.symbol
        sides = _HEDGED if core.hedge(account) else _ONE_WAY
        stakes = [(side, core.stake(account, symbol, side)) for side in sides]
        rows = [self._leg(symbol, side, stake, stake) for side, stake in stakes]
        self._update(account, at, _REASONS[Cause.MARGIN_MODE], [], rows)

    def _leverage(self, event: LeverageChanged, at: Millis) -> None:
        changed = f'"ac":{{"s":"{event.symbol}","l":{event.leverage}}}'
        self._config(event.account, changed, at)

    def _joint(self, event: JointMarginChanged, at: Millis) -> None:
        self._config(event.account, f'"ai":{{"j":{"true" if event.joint else "false"}}}', at)

    def _config(self, account: AccountId, changed: str, at: Millis) -> None:
        payload = f'{{"e":"ACCOUNT_CONFIG_UPDATE","E":{at},"T":{at},{changed}}}'
        self._courier.send(account, "ACCOUNT_CONFIG_UPDATE", Topic.ACCOUNT, payload)

    def _margin_called(self, event: MarginCalled, at: Millis) -> None:
        group = event.group
        legs = [
            leg
            for leg in self._core.positions(group.account, group.symbol or None)
            if leg.lots
            and (leg.position_side is group.position_side if group.symbol else _is_cross(leg))
        ]
        cross = ""
        if not group.symbol:
            asset = group.asset or self._desk.settle
            cross = f'"cw":"{money(self._core.balance(group.account, asset).cross_wallet)}",'
        rows = ",".join(self._called(leg) for leg in legs)
        payload = f'{{"e":"MARGIN_CALL","E":{at},{cross}"p":[{rows}]}}'
        self._courier.send(group.account, "MARGIN_CALL", Topic.ACCOUNT, payload)

    def _called(self, leg: PositionRecord) -> str:
        terms = self._desk.terms[leg.symbol]
        mode = "CROSSED" if _is_cross(leg) else "ISOLATED"
        return (
            f'{{"s":"{leg.symbol}","ps":"{POSITION_SIDES[leg.position_side]}",'
            f'"pa":"{terms.quantity.text(leg.lots)}","mt":"{mode}",'
            f'"iw":"{money(leg.isolated_wallet)}","mp":"{money(leg.mark_price)}",'
            f'"up":"{money(leg.unrealised)}","mm":"{money(leg.maintenance_margin)}"}}'
        )

    def _update(
        self,
        account: AccountId,
        at: Millis,
        reason: str,
        balances: Sequence[str],
        positions: Sequence[str],
        symbol: Symbol = "",
    ) -> None:
        named = f'"S":"{symbol}",' if symbol else ""
        payload = (
            f'{{"e":"ACCOUNT_UPDATE","E":{at},"T":{at},"a":{{"m":"{reason}",{named}'
            f'"B":[{",".join(balances)}],"P":[{",".join(positions)}]}}}}'
        )
        self._courier.send(account, "ACCOUNT_UPDATE", Topic.ACCOUNT, payload)

    def _purse(self, event: BalanceChanged) -> str:
        cross = event.wallet - self._core.isolated(event.account, event.asset)
        # bc leaves out profit and commission, so a trade changes nothing by it.
        change = 0 if event.cause is Cause.TRADE else event.change
        return (
            f'{{"a":"{event.asset}","wb":"{atoms_text(event.wallet)}","cw":"{atoms_text(cross)}",'
            f'"bc":"{atoms_text(change)}"}}'
        )

    def _moved(self, event: PositionChanged) -> str:
        account, symbol, side, *_ = event
        return self._leg(symbol, side, event, self._core.stake(account, symbol, side))

    def _leg(
        self, symbol: Symbol, side: PositionSide, then: PositionChanged | Stake, now: Stake
    ) -> str:
        """Say a leg as it was at that very step; several steps may share one command."""
        terms, lots, cost = self._desk.terms[symbol], then.lots, then.cost
        unrealised = terms.unrealised(self._core.mark(symbol), lots, cost)
        paid = now.paid if lots == now.lots else 0
        mode = "cross" if now.margin_mode is MarginMode.CROSS else "isolated"
        return (
            f'{{"s":"{symbol}","pa":"{terms.quantity.text(lots)}",'
            f'"ep":"{terms.entry_text(cost, lots)}","bep":"{terms.even_text(cost + paid, lots)}",'
            f'"cr":"{stripped(then.realised)}","up":"{atoms_text(unrealised)}",'
            f'"mt":"{mode}","iw":"{atoms_text(now.isolated)}","ps":"{POSITION_SIDES[side]}"}}'
        )


def _is_cross(leg: PositionRecord) -> bool:
    return leg.margin_mode is MarginMode.CROSS


def _atoms(amount: Decimal) -> Atoms:
    return int(amount.scaleb(8))
