"""What a venue's server half may ask of the exchange core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from conformance.model.commands import Command
from conformance.model.events import Event
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


class Core(Protocol):
    """The venue-neutral exchange: synchronous, told the time, no I/O.

    Queries about accounts or symbols that do not exist raise KeyError: asking is a bug of the
    caller, whereas *commands* about them are refused with a reason.
    """

    @property
    def listings(self) -> Mapping[Symbol, Listing]:
        """All symbols by name."""

    def apply(self, command: Command, at: Millis) -> tuple[Event, ...]:
        """Carry out one command at ``at``; a refusal is one CommandRefused and no change."""

    def due(self) -> Millis | None:
        """Return when something happens by itself next, or None."""

    def advance(self, at: Millis) -> tuple[Event, ...]:
        """Let everything happen that is due up to and including ``at``."""

    def phase(self, symbol: Symbol) -> Phase:
        """Where the symbol is in its life."""

    def order(
        self, account: AccountId, symbol: Symbol, *, order_id: int = 0, client_id: str = ""
    ) -> OrderRecord | None:
        """Return the order by id, or the newest one by client id."""

    def open_orders(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[OrderRecord]:
        """Return resting orders, oldest first."""

    def orders(self, account: AccountId, symbol: Symbol) -> Iterator[OrderRecord]:
        """Yield the retained orders of the account in the symbol, oldest first."""

    def conditional(
        self, account: AccountId, *, conditional_id: int = 0, client_id: str = ""
    ) -> ConditionalRecord | None:
        """Return the conditional order by id, or the newest one by client id."""

    def open_conditionals(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[ConditionalRecord]:
        """Return the conditional orders that wait, oldest first."""

    def conditionals(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Iterator[ConditionalRecord]:
        """Yield the retained conditional orders of the account, oldest first."""

    def countdown(self, account: AccountId, symbol: Symbol) -> Millis | None:
        """Return when all resting orders of the account in the symbol end, or None."""

    def risk_control(self, symbol: Symbol) -> RiskControl:
        """Which sides of the symbol may only reduce positions."""

    def trade_group(self, account: AccountId) -> str:
        """Name of the trade group of the account, empty when it has none."""

    def fills(self, account: AccountId, symbol: Symbol | None = None) -> Sequence[FillRecord]:
        """Return the retained executions, oldest first."""

    def trades(self, symbol: Symbol) -> Sequence[TradeRecord]:
        """Return the retained public trades, oldest first."""

    def entry_price(self, symbol: Symbol, lots: Lots, cost: int) -> Decimal:
        """Return the average price of ``lots`` that cost ``cost``, as PositionChanged has them."""

    def funding(self, symbol: Symbol) -> FundingTerms:
        """Return what the next funding of a symbol will be."""

    def fundings(self, symbol: Symbol) -> Sequence[FundingRecord]:
        """Return the retained fundings of a symbol, oldest first."""

    def delivery(self, symbol: Symbol) -> Millis | None:
        """Return when a symbol is delivered or delisted, or None."""

    def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Return the best ``levels`` levels of either side."""

    def mark(self, symbol: Symbol) -> Atoms:
        """Mark price in 1e-8 quote units."""

    def index(self, symbol: Symbol) -> Atoms:
        """Index price in 1e-8 quote units."""

    def last(self, symbol: Symbol) -> Atoms:
        """Price of the last trade (or of SetLast) in 1e-8 quote units."""

    def positions(
        self, account: AccountId, symbol: Symbol | None = None
    ) -> Sequence[PositionRecord]:
        """Return every leg of the account, flat ones too (NET, or LONG and SHORT)."""

    def position(
        self, account: AccountId, symbol: Symbol, position_side: PositionSide
    ) -> PositionRecord:
        """Return one leg."""

    def stake(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> Stake:
        """Return the bare counts of one leg; costs next to nothing."""

    def isolated(self, account: AccountId, asset: str) -> Atoms:
        """Return the part of a wallet that is set aside for isolated legs."""

    def balances(self, account: AccountId) -> Sequence[BalanceRecord]:
        """Return every asset the account has held."""

    def balance(self, account: AccountId, asset: str) -> BalanceRecord:
        """Return one asset of the account."""

    def accounts(self) -> Sequence[AccountId]:
        """Return the names of all accounts."""

    def hedge(self, account: AccountId) -> bool:
        """True when the account is in hedge mode."""

    def leverage(self, account: AccountId, symbol: Symbol) -> int:
        """Leverage of the symbol for the account."""

    def margin_mode(self, account: AccountId, symbol: Symbol) -> MarginMode:
        """Margin mode of the symbol for the account."""

    def joint(self, account: AccountId) -> bool:
        """Return whether all assets of the account bear its margin together."""

    def adl_quantile(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> int:
        """Return a leg's place in the queue for deleveraging: 4 gives up first, 0 last."""

    def liquidating(self, account: AccountId, symbol: Symbol, position_side: PositionSide) -> bool:
        """Return whether a leg's margin is being liquidated, so that orders are refused."""

    def filtered(
        self, symbol: Symbol, side: Side, price: Ticks | None, quantity: Lots, *, closing: bool
    ) -> Reason | None:
        """Return what the filters forbid about an order, whoever places it: a dry run of them.

        ``price`` is None for a market order; ``closing`` orders are exempt from the least notional.
        """

    def ledger_sum(self, asset: str) -> Atoms:
        """Sum of all ledger accounts of an asset: zero, or the core is broken."""
