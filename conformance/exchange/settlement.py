"""What one execution does to one leg: position, profit, fee, and the postings for them."""

from __future__ import annotations

from typing import NamedTuple

from conformance.errors import InvariantBroken
from conformance.exchange.accounts import Leg
from conformance.exchange.contract import truncated
from conformance.exchange.ledger import Ledger, move
from conformance.model.ids import Atoms, Lots
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.records import TradeRecord

_WRONG_SIGN = {PositionSide.NET: 0, PositionSide.LONG: -1, PositionSide.SHORT: 1}


class Settled(NamedTuple):
    """What an execution cost and brought. A fee below zero is a rebate; profit is before fees."""

    fee: Atoms
    realised: Atoms


def exchange_value(buyer: Leg, seller: Leg, value: Atoms) -> None:
    """Post the value of a trade from the buyer's clearing to the seller's."""
    direction = buyer.holding.market.contract.direction
    move(buyer.clearing, seller.clearing, direction * value)


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
    closing = min(lots, max(0, -sign * leg.lots))
    opening = lots - closing
    fee = truncated(contract.value(price, lots) * rate[0], rate[1])
    realised = 0
    if closing:
        realised = contract.direction * _reduce(leg, sign, closing, contract.value(price, closing))
        move(leg.clearing, wallet, realised)
    if opening:
        _enlarge(leg, sign, opening, contract.value(price, opening))
        leg.paid += truncated(fee * opening, lots)
    move(wallet, ledger.fees(wallet.asset), fee)
    leg.accumulated += realised
    leg.updated_ms = holding.purse.updated_ms = trade.at
    if leg.clearing.balance != -contract.direction * leg.cost:
        raise InvariantBroken(f"clearing {leg.clearing.balance} does not match cost {leg.cost}")
    if leg.lots * _WRONG_SIGN[leg.position_side] > 0:
        raise InvariantBroken(f"a {leg.position_side} leg of {leg.lots} lots")
    leg.revalue()
    return Settled(fee, realised)


def _reduce(leg: Leg, sign: int, lots: Lots, value: Atoms) -> Atoms:
    held = abs(leg.lots)
    cost = truncated(leg.cost * lots, held)
    leg.paid -= truncated(leg.paid * lots, held)
    released = leg.isolated * lots // held
    leg.isolated -= released
    leg.holding.purse.isolated -= released
    leg.cost -= cost
    leg.lots += sign * lots
    return -sign * value - cost


def _enlarge(leg: Leg, sign: int, lots: Lots, value: Atoms) -> None:
    leg.lots += sign * lots
    leg.cost += sign * value
    if leg.holding.mode is MarginMode.ISOLATED:
        bound = value // leg.holding.leverage
        leg.isolated += bound
        leg.holding.purse.isolated += bound
