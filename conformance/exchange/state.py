"""What the parts of the exchange share: the markets, the accounts, the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.exchange.accounts import Account, Holding, Leg
from conformance.exchange.expiry import Agenda
from conformance.exchange.ledger import Ledger
from conformance.exchange.market import Market
from conformance.exchange.shelf import Shelf
from conformance.model.ids import AccountId, Millis, Symbol
from conformance.model.instruments import Listing
from conformance.model.refusals import Reason
from conformance.model.rules import Rules


class State:
    """One exchange's whole state."""

    __slots__ = (
        "_assets",
        "accounts",
        "agenda",
        "countdowns",
        "ledger",
        "markets",
        "rules",
        "shelves",
    )

    def __init__(self, listings: Iterable[Listing], rules: Rules) -> None:
        self.rules = rules
        self.ledger = Ledger()
        self.agenda = Agenda()
        self.markets = {listing.symbol: Market(listing) for listing in listings}
        self.accounts: dict[AccountId, Account] = {}
        self.shelves: dict[AccountId, Shelf] = {}
        self.countdowns: dict[tuple[AccountId, Symbol], Millis] = {}
        """When all resting orders of an account in a symbol will be cancelled."""
        self._assets = {market.listing.margin_asset for market in self.markets.values()}

    def holding(self, account: AccountId, symbol: Symbol) -> Holding:
        """Return what an account has in a symbol; raise KeyError for either unknown."""
        return self.accounts[account].holding(self.markets[symbol])

    def find(self, name: AccountId, symbol: Symbol) -> Holding | Reason:
        """Return what an account has in a symbol, or the reason why it has nothing there."""
        account = self.accounts.get(name)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        known = account.holdings.get(symbol)
        if known is not None:
            return known
        market = self.markets.get(symbol)
        return Reason.UNKNOWN_SYMBOL if market is None else account.holding(market)

    def account(self, name: AccountId) -> Account:
        """Return an account, a new one when there is none yet."""
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = Account(name, self.ledger, self._assets)
        return account

    def pooled_legs(self, symbol: Symbol) -> list[Leg]:
        """Return the open legs of all joint margin if a symbol's index is the price of an asset."""
        if all(each.symbol != symbol for each in self.rules.collateral.values()):
            return []
        legs = [leg for market in self.markets.values() for leg in market.exposed]
        return [leg for leg in legs if leg.holding.purse.pool is not None]
