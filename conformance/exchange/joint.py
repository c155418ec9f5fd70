"""Joint margin: several assets of an account bear its positions together.

What is owned counts at its price after a haircut, what is owed or bound at its full price
(Multi-Assets Mode, USD-M FAQ, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.exchange.contract import truncated
from conformance.exchange.market import Market
from conformance.model.ids import Atoms, Symbol
from conformance.model.money import ATOMS_PER_UNIT
from conformance.model.rules import Collateral

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.exchange.accounts import Account, Purse


class Pool:
    """The purses of one account that count together; sums in atoms of the common unit."""

    __slots__ = ("_account", "_markets", "collateral")

    def __init__(
        self,
        account: Account,
        collateral: Mapping[str, Collateral],
        markets: Mapping[Symbol, Market],
    ) -> None:
        self._account = account
        self.collateral = collateral
        self._markets = markets

    @property
    def purses(self) -> list[Purse]:
        """The purses whose asset counts."""
        purses = self._account.purses.values()
        return [purse for purse in purses if purse.asset in self.collateral]

    @property
    def balance(self) -> Atoms:
        """Wallets with unrealised profit."""
        return sum(self.worth(p, p.cross_wallet + p.cross_unrealised) for p in self.purses)

    @property
    def maintenance(self) -> Atoms:
        """Maintenance margin of all positions."""
        return -sum(self.worth(p, -p.cross_maintenance) for p in self.purses)

    @property
    def initial(self) -> Atoms:
        """Initial margin of all positions and orders."""
        bound = [(p, p.cross_position_initial + p.order_initial) for p in self.purses]
        return -sum(self.worth(purse, -amount) for purse, amount in bound)

    def free(self, purse: Purse) -> Atoms:
        """Return what is left for new orders, in atoms of one of the assets."""
        return self.amount(purse, self.balance - self.initial)

    def worth(self, purse: Purse, amount: Atoms) -> Atoms:
        """Return the worth of an amount: after the haircut above zero, in full below."""
        full = amount * self._price(purse) // ATOMS_PER_UNIT
        if amount <= 0:
            return full
        numerator, denominator = self.collateral[purse.asset].ratio.as_integer_ratio()
        return full * numerator // denominator

    def amount(self, purse: Purse, worth: Atoms) -> Atoms:
        """Return how much of an asset has a worth at full price."""
        return truncated(worth * ATOMS_PER_UNIT, self._price(purse))

    def exchanged(self, debtor: Purse, owed: Atoms, owner: Purse) -> Atoms:
        """Return how much of one asset pays what is owed in another, after the haircut."""
        ratio = self.collateral[owner.asset].ratio.as_integer_ratio()
        above = owed * self._price(debtor) * ratio[1]
        return -(-above // (self._price(owner) * ratio[0]))

    def _price(self, purse: Purse) -> Atoms:
        symbol = self.collateral[purse.asset].symbol
        return self._markets[symbol].index if symbol else ATOMS_PER_UNIT
