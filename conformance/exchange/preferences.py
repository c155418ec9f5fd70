"""Leverage, margin mode and position mode: what an account may choose, and when."""

from __future__ import annotations

from conformance.exchange.accounts import Account, Holding
from conformance.exchange.isolation import release
from conformance.exchange.margin import exposure
from conformance.exchange.turn import Turn
from conformance.model.events import LeverageChanged
from conformance.model.orders import MarginMode
from conformance.model.refusals import Reason


def set_leverage(holding: Holding, leverage: int, turn: Turn) -> Reason | None:
    """Set the leverage of a symbol (Change Initial Leverage, developers.binance.com, 2026-11)."""
    before = holding.leverage
    if leverage == before:
        return None
    scale = holding.market.scale
    if not 1 <= leverage <= scale.leverage_max:
        return Reason.LEVERAGE_INVALID
    legs = holding.legs.values()
    cap = scale.cap(leverage)
    exposures = [exposure(leg.notional, leg.bids, leg.asks) for leg in legs]
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


def _lowering_refusal(holding: Holding, exposures: list[int], leverage: int) -> Reason | None:
    if holding.mode is MarginMode.ISOLATED and not holding.flat:
        return Reason.LEVERAGE_DECREASE_ISOLATED
    bound = sum(leg.position_initial + leg.order_initial for leg in holding.legs.values())
    needed = sum(value // leverage for value in exposures) - bound
    return Reason.LEVERAGE_MARGIN_INSUFFICIENT if needed > holding.purse.free else None
