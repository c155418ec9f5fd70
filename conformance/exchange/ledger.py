"""Double entry: money only ever moves between two pots, so each asset always sums to zero."""

from __future__ import annotations

from conformance.errors import InvariantBroken
from conformance.model.ids import Atoms


class Pot:
    """One ledger account: an asset and a balance, which may be below zero."""

    __slots__ = ("asset", "balance")

    def __init__(self, asset: str) -> None:
        self.asset = asset
        self.balance: Atoms = 0


class Ledger:
    """All pots of the exchange.

    ``outside`` is the world beyond, ``fees`` what the venue earned, ``rounding`` what arithmetic
    in whole atoms left over, ``transit`` the halves of trades under way.
    """

    __slots__ = ("_fees", "_outside", "_pots", "_rounding", "_transit")

    def __init__(self) -> None:
        self._pots: dict[str, list[Pot]] = {}
        self._fees: dict[str, Pot] = {}
        self._outside: dict[str, Pot] = {}
        self._rounding: dict[str, Pot] = {}
        self._transit: dict[str, Pot] = {}

    def open(self, asset: str) -> Pot:
        """Make a new empty pot."""
        pot = Pot(asset)
        self._pots.setdefault(asset, []).append(pot)
        return pot

    def fees(self, asset: str) -> Pot:
        """Return the pot that collects fees and pays rebates."""
        if asset not in self._fees:
            self._fees[asset] = self.open(asset)
        return self._fees[asset]

    def outside(self, asset: str) -> Pot:
        """Return the pot that deposits come from and withdrawals go to."""
        if asset not in self._outside:
            self._outside[asset] = self.open(asset)
        return self._outside[asset]

    def rounding(self, asset: str) -> Pot:
        """Return the pot that takes what divisions leave over, either way."""
        if asset not in self._rounding:
            self._rounding[asset] = self.open(asset)
        return self._rounding[asset]

    def transit(self, asset: str) -> Pot:
        """Return the pot that is empty but while a leg trades with itself."""
        if asset not in self._transit:
            self._transit[asset] = self.open(asset)
        return self._transit[asset]

    def sum(self, asset: str) -> Atoms:
        """Return the sum over all pots of ``asset``; raise InvariantBroken unless it is zero."""
        total = sum(pot.balance for pot in self._pots.get(asset, ()))
        if total:
            raise InvariantBroken(f"the ledger of {asset} sums to {total}")
        return total


def move(source: Pot, target: Pot, amount: Atoms) -> None:
    """Post ``amount`` from one pot to another; below zero it flows the other way."""
    if source.asset != target.asset:
        raise InvariantBroken(f"{source.asset} posted against {target.asset}")
    source.balance -= amount
    target.balance += amount
