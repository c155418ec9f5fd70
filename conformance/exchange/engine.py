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
from conformance.exchange.trading import Trading
from conformance.exchange.turn import Turn
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
        self._doors: dict[type, Callable[[Any, Turn], Reason | None]] = {
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
        turn = Turn(at)
        reason = self._doors[type(command)](command, turn)
        if reason is not None:
            return (CommandRefused(command, reason),)
        return tuple(turn.events)

    def due(self) -> Millis | None:
        """Return when something happens by itself next, or None."""
        return self._agenda.due()

    def advance(self, at: Millis) -> tuple[Event, ...]:
        """Let everything happen that is due up to and including ``at``."""
        turn = Turn(at)
        while (order := self._agenda.next_due(at)) is not None:
            holding = self._holding(order.account, order.symbol)
            self._trading.expire(holding, order, Cause.GTD_REACHED, turn)
        return tuple(turn.events)

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
        """Return whether the account is in hedge mode."""
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

    def _find(self, name: AccountId, symbol: Symbol) -> Holding | Reason:
        account = self._accounts.get(name)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        market = self._markets.get(symbol)
        return Reason.UNKNOWN_SYMBOL if market is None else account.holding(market)

    def _place(self, command: PlaceOrder, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        return self._trading.place(command, holding, turn)

    def _amend(self, command: AmendOrder, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        order = holding.open.get(command.order_id)
        if order is not None:
            return self._trading.amend(command, holding, order, turn)
        known = holding.orders.get(command.order_id)
        # Only limit orders rest; a market order is always over, but that is not its trouble.
        market_order = known is not None and known.kind is Kind.MARKET
        return Reason.AMEND_NOT_LIMIT if market_order else Reason.UNKNOWN_ORDER

    def _cancel(self, command: CancelOrder, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        order = holding.open.get(command.order_id)
        if order is None:
            return Reason.UNKNOWN_ORDER
        self._trading.cancel(holding, order, turn)
        return None

    def _cancel_all(self, command: CancelAll, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        for order in tuple(holding.open.values()):
            self._trading.cancel(holding, order, turn)
        return None

    def _set_leverage(self, command: SetLeverage, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        if holding.leverage == command.leverage:
            return None
        turn.events.append(LeverageChanged(*command))
        return set_leverage(holding, command.leverage)

    def _set_margin_mode(self, command: SetMarginMode, turn: Turn) -> Reason | None:
        holding = self._find(command.account, command.symbol)
        if isinstance(holding, Reason):
            return holding
        turn.events.append(MarginModeChanged(*command))
        return set_margin_mode(holding, command.mode)

    def _set_position_mode(self, command: SetPositionMode, turn: Turn) -> Reason | None:
        account = self._accounts.get(command.account)
        if account is None:
            return Reason.UNKNOWN_ACCOUNT
        turn.events.append(PositionModeChanged(*command))
        return set_position_mode(account, hedge=command.hedge)

    def _deposit(self, command: Deposit, turn: Turn) -> Reason | None:
        name, asset, amount = command
        account = self._accounts.get(name)
        if amount < 0:
            if account is None:
                return Reason.UNKNOWN_ACCOUNT
            held = account.purses.get(asset)
            # Unrealised profit may margin orders, yet it cannot leave the venue.
            if held is None or -amount > min(held.free, held.cross_wallet):
                return Reason.BALANCE_INSUFFICIENT
        if account is None:
            account = self._accounts[name] = Account(name, self._ledger, self._assets)
        purse = account.purse(asset)
        move(self._ledger.outside(asset), purse.wallet, amount)
        purse.updated_ms = turn.at
        cause = Cause.WITHDRAWAL if amount < 0 else Cause.DEPOSIT
        turn.events.append(BalanceChanged(name, asset, purse.wallet.balance, amount, cause))
        return None

    def _set_mark(self, command: SetMark, turn: Turn) -> Reason | None:
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        if command.price <= 0:
            return Reason.PRICE_NOT_POSITIVE
        market.set_mark(command.price)
        turn.events.append(MarkChanged(*command))
        return None

    def _set_phase(self, command: SetPhase, turn: Turn) -> Reason | None:
        market = self._markets.get(command.symbol)
        if market is None:
            return Reason.UNKNOWN_SYMBOL
        market.phase = command.phase
        turn.events.append(PhaseChanged(*command))
        if command.phase in _ENDS_ORDERS:
            for holding in market.holdings.values():
                for order in tuple(holding.open.values()):
                    self._trading.expire(holding, order, Cause.DELISTED, turn)
        return None
