"""The insurance fund: an account that takes over, is paid for it, and makes up for debts.

It holds what deposits, liquidation fees and takeovers left it. It never refuses to clear a debt:
short of money it goes below zero, which is the venue's own loss.
"""

from __future__ import annotations

from conformance.exchange.accounts import Leg, Purse
from conformance.exchange.autoclose import Autoclose
from conformance.exchange.contract import truncated
from conformance.exchange.groups import Group, Joint
from conformance.exchange.joint import Pool
from conformance.exchange.ledger import move
from conformance.exchange.state import State
from conformance.exchange.turn import Turn
from conformance.model.events import BalanceChanged, Cause, PositionTakenOver
from conformance.model.ids import INSURANCE, AccountId, Atoms
from conformance.model.orders import Forced, MarginMode, PositionSide
from conformance.model.records import OrderRecord


class Insurance:
    """What the fund does in a liquidation."""

    __slots__ = ("_autoclose", "_state")

    def __init__(self, state: State, autoclose: Autoclose) -> None:
        self._state = state
        self._autoclose = autoclose

    def take_over(self, leg: Leg, order: OrderRecord, turn: Turn) -> bool:
        """Take what is left of a liquidation order at its price; False when it cannot be borne."""
        fund = self._state.accounts.get(INSURANCE)
        if fund is None:
            return False
        market, side = leg.holding.market, order.side.opposite
        own = fund.holding(market).legs[PositionSide.NET]
        purse, price = own.holding.purse, order.price or 0
        lots = order.quantity - order.filled
        cost = side.sign * market.contract.cost(price, lots)
        gained = market.contract.unrealised(market.mark, side.sign * lots, cost)
        funds = purse.wallet.balance
        if funds <= 0 or funds + purse.unrealised + gained < 0:
            return False
        name = order.account
        taken = PositionTakenOver(name, order.symbol, leg.position_side, side.sign * lots, price)
        turn.events.append(taken)
        against = self._autoclose.order(own, side, lots, price, Forced.LIQUIDATION, turn)
        self._autoclose.cross(leg, order, own, against, turn)
        return True

    def charge(
        self, group: Group, leg: Leg, order: OrderRecord, returned: Atoms, turn: Turn
    ) -> None:
        """Take the liquidation fee as far as the residue goes.

        ``returned`` is what closing gave back to the cross wallet; of an isolated leg that lives
        on, it is set aside again.
        """
        holding = leg.holding
        purse, rate = holding.purse, holding.market.liquidation_rate
        isolated = holding.mode is MarginMode.ISOLATED
        balance = returned if isolated else group.amount(purse, group.balance)
        room = max(0, min(balance, purse.cross_wallet))
        fee = min(room, truncated(order.cost * rate[0], rate[1]))
        if isolated and leg.lots:
            leg.set_aside(returned - fee)
        self._pay(order.account, purse, -fee, Cause.LIQUIDATION_FEE, turn)

    def clear(self, group: Group, turn: Turn) -> None:
        """Make up for whatever a flat group still owes."""
        if isinstance(group, Joint):
            self._exchange(group.account.name, group.pool, turn)
        for pot in group.pots:
            purse = pot if isinstance(pot, Purse) else pot.holding.purse
            owed = -min(0, pot.cross_wallet if isinstance(pot, Purse) else pot.isolated)
            if isinstance(pot, Leg):
                pot.set_aside(owed)
            self._pay(group.account.name, purse, owed, Cause.INSURANCE_CLEAR, turn)

    def _exchange(self, name: AccountId, pool: Pool, turn: Turn) -> None:
        """Pay what is owed in one asset with what is owned in others, after the haircut."""
        for debtor in pool.purses:
            for owner in pool.purses:
                owed, owned = -debtor.cross_wallet, owner.cross_wallet
                if owed <= 0 or owned <= 0:
                    continue
                whole = pool.exchanged(debtor, owed, owner)
                taken = min(whole, owned)
                self._pay(name, owner, -taken, Cause.AUTO_EXCHANGE, turn)
                self._pay(name, debtor, owed * taken // whole, Cause.AUTO_EXCHANGE, turn)

    def _pay(self, name: AccountId, purse: Purse, amount: Atoms, cause: Cause, turn: Turn) -> None:
        """Move ``amount`` from the fund to an account, or below zero the other way."""
        if not amount:
            return
        fund = self._state.account(INSURANCE).purse(purse.asset)
        move(fund.wallet, purse.wallet, amount)
        for owner, each, change in ((name, purse, amount), (INSURANCE, fund, -amount)):
            each.updated_ms = turn.at
            moved = BalanceChanged(owner, each.asset, each.wallet.balance, change, cause)
            turn.events.append(moved)
