"""The windows of the exchange: every question that may be asked of it, none changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import merge
from types import MappingProxyType

from conformance.exchange.accounts import Holding
from conformance.exchange.admission import filter_refusal
from conformance.exchange.figures import balance_record, position_record
from conformance.exchange.groups import frozen
from conformance.exchange.ranking import quantile
from conformance.exchange.shelf import Shelf
from conformance.exchange.state import State
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol, Ticks
from conformance.model.instruments import Listing, Phase
from conformance.model.orders import MarginMode, PositionSide, RiskControl, Side
from conformance.model.records import (
    BalanceRecord,
    ConditionalRecord,
    Depth,
    FillRecord,
    FundingRecord,
    FundingTerms,
    OrderRecord,
    PositionRecord,
    Stake,
    TradeRecord,
)
from conformance.model.refusals import Reason


class Windows:
    """Answers the queries of ``contracts.core.Core``; an unknown account or symbol is KeyError."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._listings = MappingProxyType(
            {symbol: market.listing for symbol, market in state.markets.items()}
        )

    @property
    def listings(self) -> Mapping[Symbol, Listing]:
        """All symbols by name."""
        return self._listings

    def phase(self, symbol: Symbol) -> Phase:
        """Where the symbol is in its life."""
        return self._state.markets[symbol].phase

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
        holdings = self._state.accounts[account].holdings.values()
        rows = [order for holding in holdings for order in holding.open.values()]
        return tuple(sorted(rows, key=lambda order: order.created_ms))

    def orders(self, account: AccountId, symbol: Symbol) -> Iterator[OrderRecord]:
        """Yield the retained orders of the account in the symbol, oldest first."""
        return iter(tuple(self._holding(account, symbol).orders.values()))

    def conditional(
        self, account: AccountId, *, conditional_id: int = 0, client_id: str = ""
    ) -> ConditionalRecord | None:
        """Return the conditional order by id, or the newest one by client id."""
        shelf = self._shelf(account)
        return shelf.find(conditional_id) if conditional_id else shelf.by_client.get(client_id)

    def open_conditionals(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[ConditionalRecord]:
        """Return the conditional orders that wait, oldest first."""
        rows = self._shelf(account).waiting.values()
        return tuple(row for row in rows if symbol in (None, row.command.symbol))

    def conditionals(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Iterator[ConditionalRecord]:
        """Yield the retained conditional orders of the account, oldest first."""
        rows = self._shelf(account).records()
        return (row for row in rows if symbol in (None, row.command.symbol))

    def countdown(self, account: AccountId, symbol: Symbol) -> Millis | None:
        """Return when all resting orders of the account in the symbol end, or None."""
        self._holding(account, symbol)
        return self._state.countdowns.get((account, symbol))

    def risk_control(self, symbol: Symbol) -> RiskControl:
        """Which sides of the symbol may only reduce positions."""
        return self._state.markets[symbol].control

    def trade_group(self, account: AccountId) -> str:
        """Name of the trade group of the account, empty when it has none."""
        return self._state.accounts[account].trade_group

    def fills(self, account: AccountId, symbol: Symbol | None = None) -> Sequence[FillRecord]:
        """Return the retained executions, oldest first."""
        if symbol is not None:
            return tuple(self._holding(account, symbol).fills)
        rows = [holding.fills for holding in self._state.accounts[account].holdings.values()]
        return tuple(merge(*rows, key=lambda fill: fill.at))

    def trades(self, symbol: Symbol) -> Sequence[TradeRecord]:
        """Return the retained public trades, oldest first."""
        return tuple(self._state.markets[symbol].trades)

    def entry_price(self, symbol: Symbol, lots: Lots, cost: int) -> Decimal:
        """Return the average price of ``lots`` that cost ``cost``, as PositionChanged has them."""
        return self._state.markets[symbol].contract.entry_price(lots, cost)

    def funding(self, symbol: Symbol) -> FundingTerms:
        """Return what the next funding of a symbol will be."""
        return self._state.markets[symbol].funding

    def fundings(self, symbol: Symbol) -> Sequence[FundingRecord]:
        """Return the retained fundings of a symbol, oldest first."""
        return tuple(self._state.markets[symbol].fundings)

    def delivery(self, symbol: Symbol) -> Millis | None:
        """Return when a symbol is delivered or delisted, or None."""
        return self._state.markets[symbol].delivery_at

    def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Return the best ``levels`` levels of either side."""
        book = self._state.markets[symbol].book
        return Depth(book.bids.levels(levels), book.asks.levels(levels))

    def mark(self, symbol: Symbol) -> Atoms:
        """Mark price in 1e-8 quote units."""
        return self._state.markets[symbol].mark

    def index(self, symbol: Symbol) -> Atoms:
        """Index price in 1e-8 quote units."""
        return self._state.markets[symbol].index

    def last(self, symbol: Symbol) -> Atoms:
        """Price of the last trade in 1e-8 quote units."""
        return self._state.markets[symbol].last

    def positions(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[PositionRecord]:
        """Return every leg of the account, flat ones too (NET, or LONG and SHORT)."""
        sides = (
            (PositionSide.LONG, PositionSide.SHORT)
            if self._state.accounts[account].hedge
            else (PositionSide.NET,)
        )
        symbols = self._state.markets if symbol is None else (symbol,)
        return tuple(self.position(account, name, side) for name in symbols for side in sides)

    def position(
        self, account: AccountId, symbol: Symbol, position_side: PositionSide
    ) -> PositionRecord:
        """Return one leg."""
        return position_record(self._holding(account, symbol).legs[position_side])

    def stake(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> Stake:
        """Return the bare counts of one leg; costs next to nothing."""
        holding = self._holding(account, symbol)
        leg = holding.legs[position_side]
        return Stake(leg.lots, leg.cost, leg.paid, leg.accumulated, leg.isolated, holding.mode)

    def isolated(self, account: AccountId, asset: str) -> Atoms:
        """Return the part of a wallet that is set aside for isolated legs."""
        return self._state.accounts[account].purses[asset].isolated

    def balances(self, account: AccountId) -> Sequence[BalanceRecord]:
        """Return every margin asset, and every other asset the account has held."""
        purses = self._state.accounts[account].purses.values()
        return tuple(balance_record(purse) for purse in purses)

    def balance(self, account: AccountId, asset: str) -> BalanceRecord:
        """Return one asset of the account."""
        return balance_record(self._state.accounts[account].purses[asset])

    def accounts(self) -> Sequence[AccountId]:
        """Return the names of all accounts."""
        return tuple(self._state.accounts)

    def hedge(self, account: AccountId) -> bool:
        """Return whether the account is in hedge mode."""
        return self._state.accounts[account].hedge

    def leverage(self, account: AccountId, symbol: Symbol) -> int:
        """Leverage of the symbol for the account."""
        return self._holding(account, symbol).leverage

    def margin_mode(self, account: AccountId, symbol: Symbol) -> MarginMode:
        """Margin mode of the symbol for the account."""
        return self._holding(account, symbol).mode

    def joint(self, account: AccountId) -> bool:
        """Return whether all assets of the account bear its margin together."""
        return self._state.accounts[account].pool is not None

    def adl_quantile(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> int:
        """Return a leg's place in the queue for deleveraging: 4 gives up first, 0 last."""
        return quantile(self._holding(account, symbol).legs[position_side])

    def liquidating(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> bool:
        """Return whether a leg's margin is being liquidated, so that orders are refused."""
        return frozen(self._holding(account, symbol), position_side)

    def ledger_sum(self, asset: str) -> Atoms:
        """Return the sum of all ledger accounts of an asset; raise InvariantBroken unless zero."""
        return self._state.ledger.sum(asset)

    def filtered(
        self, symbol: Symbol, side: Side, price: Ticks | None, quantity: Lots, *, closing: bool
    ) -> Reason | None:
        """Return what the filters forbid about an order, whoever places it."""
        market = self._state.markets[symbol]
        return filter_refusal(market, side, price, quantity, closing=closing)

    def _holding(self, account: AccountId, symbol: Symbol) -> Holding:
        return self._state.holding(account, symbol)

    def _shelf(self, account: AccountId) -> Shelf:
        return self._state.shelves.get(self._state.accounts[account].name, Shelf())
