"""The exchange core's front: one door for commands, one for time, many windows for questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from types import MappingProxyType
from typing import Any

from conformance.exchange.accounts import Account, Holding
from conformance.exchange.expiry import Agenda
from conformance.exchange.figures import balance_record, position_record
from conformance.exchange.ledger import Ledger, move
from conformance.exchange.market import Market
from conformance.exchange.matching import Matching
from conformance.exchange.preferences import set_leverage, set_margin_mode, set_position_mode
from conformance.exchange.trading import Events, Trading
from conformance.model.commands import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    Command,
    Deposit,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetMark,
    SetPhase,
    SetPositionMode,
)
from conformance.model.events import (
    BalanceChanged,
    Cause,
    CommandRefused,
    Event,
    LeverageChanged,
    MarginModeChanged,
    MarkChanged,
    PhaseChanged,
    PositionModeChanged,
)
from conformance.model.ids import AccountId, Atoms, Millis, Symbol
from conformance.model.instruments import Listing, Phase
from conformance.model.orders import Kind, MarginMode, PositionSide
from conformance.model.records import (
    BalanceRecord,
    Depth,
    FillRecord,
    OrderRecord,
    PositionRecord,
    TradeRecord,
)
from conformance.model.refusals import Reason

_ENDS_ORDERS = (Phase.DELIVERING, Phase.CLOSED)


class Engine:
    """The venue-neutral exchange of a set of listings (implements ``contracts.core.Core``).

    The caller lets ``advance`` catch up before it applies a command of a later instant. Accounts
    come into being by a deposit. Raises ConfigError for a listing whose money is not exact.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._ledger = Ledger()
        self._agenda = Agenda()
        self._trading = Trading(Matching(self._ledger, self._agenda), self._agenda)
        self._markets = {listing.symbol: Market(listing) for listing in listings}
        self._accounts: dict[AccountId, Account] = {}
        self._assets = {market.listing.margin_asset for market in self._markets.values()}
        self._listings = MappingProxyType(
            {symbol: market.listing for symbol, market in self._markets.items()}
        )
        self._doors: dict[type, Callable[[Any, Millis, Events], Reason | None]] = {
            PlaceOrder: self._place,
            AmendOrder: self._amend,
            CancelOrder: self._cancel,
            CancelAll: self._cancel_all,
            SetLeverage: self._set_leverage,
            SetMarginMode: self._set_margin_mode,
            SetPositionMode: self._set_position_mode,
            Deposit: self._deposit,
            SetMark: self._set_mark,
            SetPhase: self._set_phase,
        }

    @property
    def listings(self) -> Mapping[Symbol, Listing]:
        """All symbols by name."""
        return self._listings

    def apply(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Carry out one command at ``at``; a refusal is one CommandRefused and no change."""
        events: Events = []
        reason = self._doors[type(command)](command, at, events)
        if reason is not None:
            return (CommandRefused(command, reason),)
        return tuple(events)

    def due(self) -> Millis | None:
        """Return when something happens by itself next, or None."""
        return self._agenda.due()

    def advance(self, at: Millis) -> tuple[Event, ...]:
        """Let everything happen that is due up to and including ``at``."""
        events: Events = []
        while (order := self._agenda.next_due(at)) is not None:
            market = self._markets[order.symbol]
            events += self._trading.expire(market, order, Cause.GTD_REACHED, at)
        return tuple(events)

    def phase(self, symbol: Symbol) -> Phase:
        """Where the symbol is in its life."""
        return self._markets[symbol].phase

    def order(
        self, account: AccountId, symbol: Symbol, *, order_id: int = 0, client_id: str = ""
    ) -> OrderRecord | None:
        """Return the order by id, or the newest one by client id."""
        holding = self._holding(account, symbol)
        if order_id:
            return holding.orders.get(order_id)
        return holding.by_client.get(client_id)

    def open_orders(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[OrderRecord]:
        """Return resting orders, oldest first."""
        if symbol is not None:
            return tuple(self._holding(account, symbol).open.values())
        holdings = self._accounts[account].holdings.values()
        rows = [order for holding in holdings for order in holding.open.values()]
        return tuple(sorted(rows, key=lambda order: order.created_ms))

    def orders(self, account: AccountId, symbol: Symbol) -> Iterator[OrderRecord]:
        """Yield the retained orders of the account in the symbol, oldest first."""
        return iter(tuple(self._holding(account, symbol).orders.values()))

    def fills(self, account: AccountId, symbol: Symbol | None = None) -> Sequence[FillRecord]:
        """Return the retained executions, oldest first."""
        if symbol is not None:
            return tuple(self._holding(account, symbol).fills)
        rows = [holding.fills for holding in self._accounts[account].holdings.values()]
        return tuple(merge(*rows, key=lambda fill: fill.at))

    def trades(self, symbol: Symbol) -> Sequence[TradeRecord]:
        """Return the retained public trades, oldest first."""
        return tuple(self._markets[symbol].trades)

    def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Return the best ``levels`` levels of either side."""
        book = self._markets[symbol].book
        return Depth(book.bids.levels(levels), book.asks.levels(levels))

    def mark(self, symbol: Symbol) -> Atoms:
        """Mark price in 1e-8 quote units."""
        return self._markets[symbol].mark

    def positions(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[PositionRecord]:
        """Return every leg of the account, flat ones too (NET, or LONG and SHORT)."""
        sides = (
            (PositionSide.LONG, PositionSide.SHORT)
            if self._accounts[account].hedge
            else (PositionSide.NET,)
        )
        symbols = self._markets if symbol is None else (symbol,)
        return tuple(self.position(account, name, side) for name in symbols for side in sides)

    def position(
        self, account: AccountId, symbol: Symbol, position_side: PositionSide
    ) -> PositionRecord:
        """Return one leg."""
        return position_record(self._holding(account, symbol).legs[position_side])

    def balances(self, account: AccountId) -> Sequence[BalanceRecord]:
        """Return every margin asset, and every other asset the account has held."""
        return tuple(balance_record(purse) for purse in self._accounts[account].purses.values())

    def balance(self, account: AccountId, asset: str) -> BalanceRecord:
        """Return one asset of the account."""
        return balance_record(self._accounts[account].purses[asset])

    def accounts(self) -> Sequence[AccountId]:
        """Return the names of all accounts."""
        return tuple(self._accounts)

    def hedge(self, account: AccountId) -> bool:
        """True when the account is in hedge mode."""
        return self._accounts[account].hedge

    def leverage(self, account: AccountId, symbol: Symbol) -> int:
        """Leverage of the symbol for the account."""
        return self._holding(account, symbol).leverage

    def margin_mode(self, account: AccountId, symbol: Symbol) -> MarginMode:
        """Margin mode of the symbol for the account."""
        return self._holding(account, symbol).mode

    def ledger_sum(self, asset: str) -> Atoms:
        """Return the sum of all ledger accounts of an asset; raise InvariantBroken unless zero."""
        return self._ledger.sum(asset)

    def _holding(self, account: AccountId, symbol: Symbol) -> Holding:
        return self._accounts[account].holding(self._markets[symbol])

    def _missing(self, account: AccountId, symbol: Symbol) -> Reason | None:
        if account not in self._accounts:
            return Reason.UNKNOWN_ACCOUNT
        return None if symbol in self._markets else Reason.UNKNOWN_SYMBOL

    def _place(self, command: PlaceOrder, at: Millis, events: Events) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is not None:
            return reason
        account, market = self._accounts[command.account], self._markets[command.symbol]
        return self._trading.place(command, account, market, at, events)

    def _amend(self, command: AmendOrder, at: Millis, events: Events) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is not None:
            return reason
        holding = self._holding(command.account, command.symbol)
        order = holding.open.get(command.order_id)
        if order is None:
            known = holding.orders.get(command.order_id)
            amendable = known is None or known.kind is Kind.LIMIT
            return Reason.UNKNOWN_ORDER if amendable else Reason.AMEND_NOT_LIMIT
        return self._trading.amend(command, holding, order, at, events)

    def _cancel(self, command: CancelOrder, at: Millis, events: Events) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is not None:
            return reason
        holding = self._holding(command.account, command.symbol)
        order = holding.open.get(command.order_id)
        if order is None:
            return Reason.UNKNOWN_ORDER
        self._trading.cancel(holding, order, at, events)
        return None

    def _cancel_all(self, command: CancelAll, at: Millis, events: Events) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is None:
            holding = self._holding(command.account, command.symbol)
            for order in tuple(holding.open.values()):
                self._trading.cancel(holding, order, at, events)
        return reason

    def _set_leverage(self, command: SetLeverage, _at: Millis, events: Events) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is not None:
            return reason
        account, market = self._accounts[command.account], self._markets[command.symbol]
        before = account.holding(market).leverage
        reason = set_leverage(account, market, command.leverage)
        if reason is None and before != command.leverage:
            events.append(LeverageChanged(*command))
        return reason

    def _set_margin_mode(
        self, command: SetMarginMode, _at: Millis, events: Events
    ) -> Reason | None:
        reason = self._missing(command.account, command.symbol)
        if reason is not None:
            return reason
        account, market = self._accounts[command.account], self._markets[command.symbol]
        reason = set_margin_mode(account, market, command.mode)
        if reason is None:
            events.append(MarginModeChanged(*command))
        return reason

    def _set_position_mode(
        self, command: SetPositionMode, _at: Millis, events: Events
    ) -> Reason | None:
        account = self._accounts.get(command.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        reason = set_position_mode(account, hedge=command.hedge)
        if reason is None:
            events.append(PositionModeChanged(*command))
        return reason

    def _deposit(self, command: Deposit, at: Millis, events: Events) -> Reason | None:
        name, asset, amount = command
        account = self._accounts.get(name)
        if account is None:
            if amount < 0:
                return Reason.UNKNOWN_ACCOUNT
            account = self._accounts[name] = Account(name, self._ledger, self._assets)
        elif amount < 0:
            held = account.purses.get(asset)
            # Unrealised profit may margin orders, yet it cannot leave the venue.
            if held is None or -amount > min(held.free, held.cross_wallet):
                return Reason.BALANCE_INSUFFICIENT
        purse = account.purse(asset)
        move(self._ledger.outside(asset), purse.wallet, amount)
        purse.updated_ms = at
        cause = Cause.DEPOSIT if amount >= 0 else Cause.WITHDRAWAL
        events.append(BalanceChanged(name, asset, purse.wallet.balance, amount, cause))
        return None

    def _set_mark(self, command: SetMark, _at: Millis, events: Events) -> Reason | None:
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        if command.price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        market.set_mark(command.price)
        events.append(MarkChanged(*command))
        return None

    def _set_phase(self, command: SetPhase, at: Millis, events: Events) -> Reason | None:
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        market.phase = command.phase
        events.append(PhaseChanged(*command))
        if command.phase in _ENDS_ORDERS:
            for holding in market.holdings.values():
                for order in tuple(holding.open.values()):
                    events += self._trading.expire(market, order, Cause.DELISTED, at)
        return None
