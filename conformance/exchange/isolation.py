"""Isolated margin: what is set aside for one leg, at its owner's will."""

from __future__ import annotations

from conformance.exchange.accounts import Holding, Leg
from conformance.exchange.contract import truncated
from conformance.exchange.turn import Turn
from conformance.model.commands import MoveMargin
from conformance.model.events import Cause, MarginMoved, PositionChanged
from conformance.model.ids import Atoms
from conformance.model.orders import MarginMode
from conformance.model.refusals import Reason

_SHORT = {True: Reason.MARGIN_ISOLATED_INSUFFICIENT, False: Reason.MARGIN_CROSS_INSUFFICIENT}


def move_margin(command: MoveMargin, holding: Holding, turn: Turn) -> Reason | None:
    """Move margin into or out of a leg (Modify Isolated Position Margin, 2026-11)."""
    leg, purse = holding.legs[command.position_side], holding.purse
    if holding.mode is not MarginMode.ISOLATED:
        return Reason.MARGIN_NOT_ISOLATED
    if not leg.lots:
        return Reason.MARGIN_NO_POSITION
    if command.amount <= 0:
        return Reason.MARGIN_AMOUNT_NOT_POSITIVE
    if leg in holding.account.frozen:
        return Reason.LIQUIDATING
    room = removable(leg) if command.take else min(purse.free, purse.cross_wallet)
    if command.amount > room:
        return _SHORT[command.take]
    _move(leg, -command.amount if command.take else command.amount, turn)
    return None


def removable(leg: Leg) -> Atoms:
    """Return what may leave a leg: the rest must bear its loss and its initial margin."""
    return max(0, leg.isolated + min(0, leg.unrealised) - leg.position_initial)


def release(holding: Holding, before: int, turn: Turn) -> None:
    """Give back what a higher leverage than ``before`` no longer binds."""
    for leg in holding.legs.values():
        entered = truncated(abs(leg.cost), holding.market.contract.grain)
        excess = min(entered // before - entered // holding.leverage, removable(leg))
        if holding.mode is MarginMode.ISOLATED and excess > 0:
            _move(leg, -excess, turn)


def _move(leg: Leg, amount: Atoms, turn: Turn) -> None:
    leg.set_aside(amount)
    leg.updated_ms = leg.holding.purse.updated_ms = turn.at
    holding = leg.holding
    whose = (holding.account.name, holding.market.listing.symbol, leg.position_side)
    turn.events.append(MarginMoved(*whose, amount, leg.isolated))
    figures = (leg.lots, leg.cost, leg.accumulated)
    turn.events.append(PositionChanged(*whose, Cause.MARGIN_MOVED, *figures))
