"""Leverage, margin mode and position mode: what an account may choose, and when."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.exchange.accounts import Account, Holding
from conformance.exchange.groups import frozen
from conformance.exchange.isolation import release
from conformance.exchange.joint import Pool
from conformance.exchange.market import Market
from conformance.exchange.turn import Turn
from conformance.model.events import LeverageChanged
from conformance.model.ids import Symbol
from conformance.model.orders import MarginMode
from conformance.model.refusals import Reason
from conformance.model.rules import Rules


def set_leverage(holding: Holding, leverage: int, turn: Turn) -> Reason | None:
    """Set the leverage of a symbol (Change Initial Leverage, developers.binance.com, 2026-11)."""
    before = holding.leverage
    if leverage == before:
        return None
    if any(frozen(holding, side) for side in holding.legs):
        return Reason.LIQUIDATING
    scale = holding.market.scale
    if not 1 <= leverage <= scale.leverage_max:
        return Reason.LEVERAGE_INVALID
    legs = holding.legs.values()
    cap = scale.cap(leverage)
    exposures = [leg.exposure for leg in legs]
    if max(exposures) > cap:
        return Reason.LEVERAGE_CAP_EXCEEDED
    if leverage < before:
        reason = _lowering_refusal(holding, exposures, leverage)
        if reason is not None:
            return reason
    holding.leverage, holding.cap = leverage, cap
    holding.revalue()
    turn.events.append(
        LeverageChanged(holding.account.name, holding.market.listing.symbol, leverage)
    )
    release(holding, before, turn)
    return None


def set_margin_mode(holding: Holding, mode: MarginMode) -> Reason | None:
    """Choose cross or isolated for a symbol without orders and position."""
    if holding.mode is mode:
        return Reason.MARGIN_MODE_UNCHANGED
    if mode is MarginMode.ISOLATED and holding.account.pool is not None:
        return Reason.MARGIN_MODE_JOINT
    if holding.open:
        return Reason.MARGIN_MODE_OPEN_ORDERS
    if not holding.flat:
        return Reason.MARGIN_MODE_POSITION
    holding.mode = mode
    return None


def set_position_mode(account: Account, *, hedge: bool) -> Reason | None:
    """Choose one-way or hedge for an account without orders and positions."""
    if account.hedge is hedge:
        return Reason.POSITION_MODE_UNCHANGED
    holdings = account.holdings.values()
    if any(holding.open for holding in holdings):
        return Reason.POSITION_MODE_OPEN_ORDERS
    if not all(holding.flat for holding in holdings):
        return Reason.POSITION_MODE_POSITION
    account.hedge = hedge
    return None


def set_joint_margin(
    account: Account, rules: Rules, markets: Mapping[Symbol, Market], *, joint: bool
) -> Reason | None:
    """Choose joint margin of all collateral, or margin per asset (Change Multi-Assets Mode)."""
    if (account.pool is not None) is joint:
        return Reason.JOINT_UNCHANGED
    holdings = account.holdings.values()
    if any(holding.mode is MarginMode.ISOLATED for holding in holdings):
        return Reason.JOINT_ISOLATED
    if any(holding.open for holding in holdings):
        return Reason.JOINT_OPEN_ORDERS
    if any(purse.wallet.balance < 0 for purse in account.purses.values()):
        return Reason.JOINT_NEGATIVE_BALANCE
    return Reason.LIQUIDATING if account.frozen else _join(account, rules, markets, joint=joint)


def _join(
    account: Account, rules: Rules, markets: Mapping[Symbol, Market], *, joint: bool
) -> Reason | None:
    before = account.pool
    account.join(Pool(account, rules.collateral, markets) if joint else None)
    if all(purse.free >= 0 for purse in account.purses.values()):
        return None
    account.join(before)
    return Reason.JOINT_MARGIN_INSUFFICIENT


def _lowering_refusal(holding: Holding, exposures: list[int], leverage: int) -> Reason | None:
    if holding.mode is MarginMode.ISOLATED and not holding.flat:
        return Reason.LEVERAGE_DECREASE_ISOLATED
    bound = sum(leg.position_initial + leg.order_initial for leg in holding.legs.values())
    needed = sum(value // leverage for value in exposures) - bound
    return Reason.LEVERAGE_MARGIN_INSUFFICIENT if needed > holding.purse.free else None
