"""What one execution does to one leg: position, profit, fee, and the postings for them."""

from __future__ import annotations

from typing import NamedTuple

from conformance.errors import InvariantBroken
from conformance.exchange.accounts import Leg
from conformance.exchange.contract import truncated
from conformance.exchange.ledger import Ledger, move
from conformance.model.ids import Atoms, Lots, Ticks
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.records import TradeRecord

_ISOLATED = MarginMode.ISOLATED
_WRONG_SIGN = {PositionSide.NET: 0, PositionSide.LONG: -1, PositionSide.SHORT: 1}


class Settled(NamedTuple):
    """What an execution cost and brought. A fee below zero is a rebate; profit is before fees."""

    fee: Atoms
    realised: Atoms


def exchange_value(buyer: Leg, seller: Leg, value: Atoms) -> None:
    """Post the value of a trade from the buyer's clearing to the seller's."""
    direction = buyer.holding.market.contract.direction
    move(buyer.clearing, seller.clearing, direction * value)


def exchange_half(leg: Leg, side: Side, value: Atoms, ledger: Ledger) -> None:
    """Post one side of a trade of a leg with itself; the other side follows once that is booked."""
    direction = leg.holding.market.contract.direction
    move(leg.clearing, ledger.transit(leg.clearing.asset), direction * side.sign * value)


def settle(
    leg: Leg, side: Side, trade: TradeRecord, rate: tuple[int, int], ledger: Ledger
) -> Settled:
    """Book one execution whose value was exchanged already; raise InvariantBroken if it is off.

    Reducing releases cost in proportion and realises against it, so the entry price stays;
    flipping restarts at the price of the remainder (USD-M FAQ, 2026-11).
    """
    holding = leg.holding
    contract, wallet = holding.market.contract, holding.purse.wallet
    sign, price, lots = side.sign, trade.price, trade.quantity
    before = leg.lots
    closing = min(lots, max(0, -sign * leg.lots))
    opening = lots - closing
    value = contract.value(price, lots)
    fee = truncated(value * rate[0], rate[1])
    opened = value - contract.value(price, closing) if closing else value
    entered = truncated(fee * opening, lots)
    realised = 0
    if closing:
        realised = _reduce(leg, sign, closing, price, fee - entered)
        move(leg.clearing, wallet, realised)
    if opening:
        _enlarge(leg, sign * opening, sign * contract.cost(price, opening), opened, entered)
    if not before:
        holding.market.exposed[leg] = None
    elif not leg.lots:
        del holding.market.exposed[leg]
    move(wallet, ledger.fees(wallet.asset), fee)
    leg.accumulated += realised
    leg.updated_ms = holding.purse.updated_ms = trade.at
    _clear(leg, ledger)
    if leg.lots * _WRONG_SIGN[leg.position_side] > 0:
        raise InvariantBroken(f"a {leg.position_side} leg of {leg.lots} lots")
    leg.revalue()
    return Settled(fee, realised)


def _clear(leg: Leg, ledger: Ledger) -> None:
    """Check that clearing holds the cost of the leg, and sweep out what rounding left there."""
    contract = leg.holding.market.contract
    dust = leg.clearing.balance + contract.direction * truncated(leg.cost, contract.grain)
    if not dust:
        return
    if abs(dust) > contract.dust:
        raise InvariantBroken(f"clearing {leg.clearing.balance} does not match cost {leg.cost}")
    move(leg.clearing, ledger.rounding(leg.clearing.asset), dust)


def _reduce(leg: Leg, sign: int, lots: Lots, price: Ticks, fee: Atoms) -> Atoms:
    """Close part of a leg and return its profit.

    An isolated part pays its loss and fee out of its own share of the isolated wallet; what is
    over goes back to the cross wallet, what is short stays behind with the leg.
    """
    held = abs(leg.lots)
    cost = truncated(leg.cost * lots, held)
    realised = leg.holding.market.contract.realised(price, -sign * lots, cost)
    if leg.holding.mode is _ISOLATED:
        share = leg.isolated * lots // held
        leg.set_aside(realised - fee - max(0, share + realised - fee))
    leg.paid -= truncated(leg.paid * lots, held)
    leg.cost -= cost
    leg.lots += sign * lots
    return realised


def _enlarge(leg: Leg, lots: Lots, cost: int, value: Atoms, fee: Atoms) -> None:
    leg.lots += lots
    leg.cost += cost
    leg.paid += fee
    if leg.holding.mode is _ISOLATED:
        # A profit that admitted the order may be gone: no more is set aside than there is.
        there = max(0, leg.holding.purse.cross_wallet)
        leg.set_aside(min(value // leg.holding.leverage, there) - fee)
