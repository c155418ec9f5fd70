"""The other participants, and other clients of the testee's account; the Market contract."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from conformance.contracts.core import Core
from conformance.errors import WorldError
from conformance.model.commands import (
    CancelAll,
    CancelOrder,
    Command,
    Deposit,
    PlaceOrder,
    SetFunding,
    SetLeverage,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
    SettleFunding,
)
from conformance.model.ids import AccountId, Symbol
from conformance.model.instruments import Listing, Phase
from conformance.model.money import to_atoms
from conformance.model.orders import Kind, MarginMode, Order, OrderRequest, Side
from conformance.sim.truth import Truth

TESTEE: AccountId = "testee"
MAKER: AccountId = "maker"
TAKER: AccountId = "taker"
"""Resting and taking are different people: nobody here trades with himself."""
FUNDS = Decimal(10_000_000_000)
"""What every other participant owns of each margin asset."""
MAKERS_MAX = 64
"""How many makers may share the resting orders of a symbol."""


class Market:
    """Acts through ``command``, so that what follows is pushed as always."""

    def __init__(
        self,
        core: Core,
        command: Callable[[Command], None],
        truth: Truth,
        *,
        symbol: Symbol,
        settle_asset: str,
    ) -> None:
        self._core = core
        self._command = command
        self._truth = truth
        self._symbol = symbol
        self._settle_asset = settle_asset
        self._makers: list[AccountId] = []
        self._orders = 0

    def rest(self, side: Side, price: Decimal, quantity: Decimal, symbol: Symbol = "") -> None:
        """Put a resting order into the book; ``symbol`` defaults to ``world.symbol``."""
        listing = self._listing(symbol)
        self._command(
            PlaceOrder(
                self._maker(listing),
                listing.symbol,
                side,
                Kind.LIMIT,
                _units(listing.quantities.units(quantity), quantity),
                _units(listing.prices.units(price), price),
                self._client_id(),
            )
        )

    def take(self, side: Side, quantity: Decimal, symbol: Symbol = "") -> None:
        """Send a market order."""
        listing = self._listing(symbol)
        self._found(TAKER)
        lots = _units(listing.quantities.units(quantity), quantity)
        self._command(
            PlaceOrder(TAKER, listing.symbol, side, Kind.MARKET, lots, None, self._client_id())
        )

    def clear(self, symbol: Symbol = "") -> None:
        """Cancel every order of the other participants."""
        name = self._listing(symbol).symbol
        for account in self._makers:
            if self._core.open_orders(account, name):
                self._command(CancelAll(account, name))

    def mark(self, price: Decimal, symbol: Symbol = "") -> None:
        """Move the mark price."""
        self._command(SetMark(self._listing(symbol).symbol, to_atoms(price)))

    def phase(self, phase: Phase, symbol: Symbol = "") -> None:
        """Move the symbol to another phase of its life."""
        self._command(SetPhase(self._listing(symbol).symbol, phase))

    def set_funding(self, rate: Decimal, interval_h: int = 0, symbol: Symbol = "") -> None:
        """Set what a perpetual charges from its next boundary on; 0 h: as often as before."""
        name = self._listing(symbol).symbol
        self._command(SetFunding(name, to_atoms(rate), interval_h or None))

    def charge_funding(self, rate: Decimal, symbol: Symbol = "") -> None:
        """Charge one special funding at once, beside the regular ones."""
        self._command(SettleFunding(self._listing(symbol).symbol, to_atoms(rate)))

    def foreign(self, request: OrderRequest) -> Order:
        """Place an order on the *testee's* account as another client of it would."""
        listing = self._listing(request.symbol)
        client_id = request.client_id or self._client_id()
        price = request.price
        self._truth.foreign.add(client_id)
        self._command(
            PlaceOrder(
                TESTEE,
                listing.symbol,
                request.side,
                request.kind,
                _units(listing.quantities.units(request.quantity), request.quantity),
                None if price is None else _units(listing.prices.units(price), price),
                client_id,
                request.time_in_force,
                request.reduce_only,
                request.position_side,
            )
        )
        order = self._truth.order(client_id)
        if order is None:
            raise WorldError(f"the order {client_id} left no trace", hint="place a resting order")
        return order

    def cancel(self, client_id: str) -> None:
        """Cancel an order of the testee's account as another client of it would."""
        for record in self._core.open_orders(TESTEE):
            if record.client_id == client_id:
                self._command(CancelOrder(TESTEE, record.symbol, record.order_id))
                return
        raise WorldError(f"no open order {client_id} to cancel", hint="wait until it rests")

    def deposit(self, amount: Decimal, asset: str = "") -> None:
        """Credit (below zero: debit) the testee's account."""
        self._command(Deposit(TESTEE, asset or self._settle_asset, to_atoms(amount)))

    def set_leverage(self, leverage: int, symbol: Symbol = "") -> None:
        """Change the testee's leverage from outside."""
        self._command(SetLeverage(TESTEE, self._listing(symbol).symbol, leverage))

    def set_margin_mode(self, mode: MarginMode, symbol: Symbol = "") -> None:
        """Change the testee's margin mode from outside."""
        self._command(SetMarginMode(TESTEE, self._listing(symbol).symbol, mode))

    def set_hedge_mode(self, hedge: bool) -> None:  # noqa: FBT001 - one claim
        """Change the testee's position mode from outside."""
        self._command(SetPositionMode(TESTEE, hedge))

    def _listing(self, symbol: Symbol) -> Listing:
        return self._core.listings[symbol or self._symbol]

    def _client_id(self) -> str:
        self._orders += 1
        return f"other{self._orders}"

    def _maker(self, listing: Listing) -> AccountId:
        """Return a maker with room for one more resting order."""
        for account in self._makers:
            if len(self._core.open_orders(account, listing.symbol)) < listing.max_open_orders:
                return account
        if len(self._makers) >= MAKERS_MAX:
            raise WorldError(
                f"{MAKERS_MAX} makers have no room in {listing.symbol}",
                hint="stage fewer orders, or clear the market first",
            )
        account = f"{MAKER}-{len(self._makers) + 1}"
        self._found(account)
        self._makers.append(account)
        return account

    def _found(self, account: AccountId) -> None:
        """Give a participant its funds, and the leverage that allows the largest position."""
        if account in self._core.accounts():
            return
        for asset in {listing.margin_asset for listing in self._core.listings.values()}:
            self._command(Deposit(account, asset, to_atoms(FUNDS)))
        for symbol in self._core.listings:
            self._command(SetLeverage(account, symbol, 1))


def _units(units: int | None, value: Decimal) -> int:
    if units is None:
        raise WorldError(f"{value} is off the grid", hint="use world.price and world.quantity")
    return units
