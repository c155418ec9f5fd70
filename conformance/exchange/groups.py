"""Margin groups: the legs that live and die by one balance."""

from __future__ import annotations

from abc import ABC, abstractmethod

from conformance.exchange.accounts import Account, Holding, Leg, Purse
from conformance.exchange.joint import Pool
from conformance.model.events import MarginGroup
from conformance.model.ids import Atoms
from conformance.model.orders import MarginMode, PositionSide
from conformance.model.records import OrderRecord


class Group(ABC):
    """One margin group. Balance and maintenance are in atoms of what the group counts in."""

    account: Account

    @property
    @abstractmethod
    def name(self) -> MarginGroup:
        """Whose margin it is."""

    @property
    @abstractmethod
    def balance(self) -> Atoms:
        """Wallet with unrealised profit."""

    @property
    @abstractmethod
    def maintenance(self) -> Atoms:
        """The least the balance must exceed."""

    @property
    @abstractmethod
    def pots(self) -> tuple[Purse | Leg, ...]:
        """What the group's money is counted in, each with a part of the account's wallets."""

    @abstractmethod
    def holdings(self) -> list[Holding]:
        """Return the symbols whose orders draw on the balance."""

    def amount(self, purse: Purse, worth: Atoms) -> Atoms:
        """Return a part of the balance in the asset of one purse."""
        del purse
        return worth

    def legs(self) -> list[Leg]:
        """Return the legs that are not flat."""
        return [leg for holding in self.holdings() for leg in holding.legs.values() if leg.lots]

    def orders(self) -> list[tuple[Holding, OrderRecord]]:
        """Return the resting orders that draw on the balance."""
        return [(held, order) for held in self.holdings() for order in held.open.values()]

    def share(self, leg: Leg) -> Atoms:
        """Return the part of the balance that a leg may lose, by its share of maintenance."""
        whole = self.maintenance
        bound = self.amount(leg.holding.purse, whole)
        balance = self.amount(leg.holding.purse, self.balance)
        return balance * leg.maintenance // bound if bound else balance


class Cross(Group):
    """All cross legs of an account that are margined in one asset."""

    def __init__(self, account: Account, purse: Purse) -> None:
        self.account = account
        self._purse = purse

    @property
    def name(self) -> MarginGroup:
        """Whose margin it is."""
        return MarginGroup(self.account.name, self._purse.asset)

    @property
    def balance(self) -> Atoms:
        """Cross wallet with unrealised profit."""
        return self._purse.cross_wallet + self._purse.cross_unrealised

    @property
    def maintenance(self) -> Atoms:
        """Maintenance margin of the cross legs."""
        return self._purse.cross_maintenance

    @property
    def pots(self) -> tuple[Purse | Leg, ...]:
        """The one purse."""
        return (self._purse,)

    def holdings(self) -> list[Holding]:
        """Return the cross symbols of the purse."""
        return _cross(self.account, (self._purse,))


class Joint(Group):
    """All cross legs of an account in joint margin; counts in the common unit."""

    def __init__(self, account: Account, pool: Pool) -> None:
        self.account = account
        self.pool = pool

    @property
    def name(self) -> MarginGroup:
        """Whose margin it is."""
        return MarginGroup(self.account.name, "")

    @property
    def balance(self) -> Atoms:
        """All wallets with unrealised profit."""
        return self.pool.balance

    @property
    def maintenance(self) -> Atoms:
        """Maintenance margin of all legs."""
        return self.pool.maintenance

    @property
    def pots(self) -> tuple[Purse | Leg, ...]:
        """All pooled purses."""
        return tuple(self.pool.purses)

    def holdings(self) -> list[Holding]:
        """Return the symbols of all pooled purses."""
        return _cross(self.account, tuple(self.pool.purses))

    def amount(self, purse: Purse, worth: Atoms) -> Atoms:
        """Return a part of the balance in one asset."""
        return self.pool.amount(purse, worth)


class Isolated(Group):
    """One isolated leg."""

    def __init__(self, leg: Leg) -> None:
        self.account = leg.holding.account
        self._leg = leg

    @property
    def name(self) -> MarginGroup:
        """Whose margin it is."""
        listing = self._leg.holding.market.listing
        side = self._leg.position_side
        return MarginGroup(self.account.name, listing.margin_asset, listing.symbol, side)

    @property
    def balance(self) -> Atoms:
        """Isolated wallet with unrealised profit."""
        return self._leg.isolated + self._leg.unrealised

    @property
    def maintenance(self) -> Atoms:
        """Maintenance margin of the leg."""
        return self._leg.maintenance

    @property
    def pots(self) -> tuple[Purse | Leg, ...]:
        """The leg itself."""
        return (self._leg,)

    def holdings(self) -> list[Holding]:
        """Return the one symbol."""
        return [self._leg.holding]

    def legs(self) -> list[Leg]:
        """Return the leg if it is not flat."""
        return [leg for leg in super().legs() if leg is self._leg]

    def orders(self) -> list[tuple[Holding, OrderRecord]]:
        """Return the resting orders of the leg."""
        side = self._leg.position_side
        return [(held, order) for held, order in super().orders() if order.position_side is side]


def group_of(leg: Leg) -> Group:
    """Return the margin group that a leg belongs to."""
    holding = leg.holding
    return Isolated(leg) if holding.mode is MarginMode.ISOLATED else cross_of(holding)


def cross_of(holding: Holding) -> Group:
    """Return the margin group of the cross legs that share a holding's asset."""
    pool = holding.purse.pool
    if pool is None:
        return Cross(holding.account, holding.purse)
    return Joint(holding.account, pool)


def frozen(holding: Holding, position_side: PositionSide) -> bool:
    """Return whether a leg's margin group is being liquidated, so that nobody else may act."""
    ice = holding.account.frozen
    if not ice:
        return False
    if holding.mode is MarginMode.CROSS:
        return holding.purse in ice
    return holding.legs[position_side] in ice


def _cross(account: Account, purses: tuple[Purse, ...]) -> list[Holding]:
    held = account.holdings.values()
    return [each for each in held if each.mode is MarginMode.CROSS and each.purse in purses]
