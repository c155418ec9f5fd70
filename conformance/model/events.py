"""What happened inside the exchange core. Past tense, in the order of happening.

Events of one ``apply`` share its instant. An order event carries the live record plus the
figures that were true at that very step, because one command may move an order twice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from conformance.model.commands import Command
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import MarginMode, PositionSide, RiskControl, Side, Status
from conformance.model.records import (
    ConditionalRecord,
    FillRecord,
    FundingRecord,
    FundingTerms,
    OrderRecord,
    TradeRecord,
)
from conformance.model.refusals import Reason


class Cause(StrEnum):
    """Why an order expired or a balance moved."""

    NONE = "none"
    IOC_REMAINDER = "ioc-remainder"
    MARKET_REMAINDER = "market-remainder"
    FOK_NOT_FILLABLE = "fok-not-fillable"
    POST_ONLY_WOULD_TAKE = "post-only-would-take"
    REDUCE_ONLY_KNOCKED_OUT = "reduce-only-knocked-out"
    GTD_REACHED = "gtd-reached"
    SELF_TRADE = "self-trade"
    LIQUIDATION = "liquidation"
    DELISTED = "delisted"
    TRADE = "trade"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FUNDING = "funding"
    MARGIN_MODE = "margin-mode"
    SPECIAL_FUNDING = "special-funding"
    MARGIN_MOVED = "margin-moved"
    LIQUIDATION_FEE = "liquidation-fee"
    INSURANCE_CLEAR = "insurance-clear"
    """The insurance fund made up for what a bankrupt account owed."""
    AUTO_EXCHANGE = "auto-exchange"
    """One asset paid for what was owed in another (joint margin)."""
    DELIVERY = "delivery"
    POSITION_CLOSED = "position-closed"
    SIBLING_TRIGGERED = "sibling-triggered"
    COUNTDOWN = "countdown"


class OrderAccepted(NamedTuple):
    """The order entered the exchange."""

    order: OrderRecord


class OrderFilled(NamedTuple):
    """One execution; ``filled`` and ``cost`` are cumulative after it."""

    order: OrderRecord
    fill: FillRecord
    filled: Lots
    cost: Atoms
    status: Status


class OrderCancelled(NamedTuple):
    """Its owner (or cancel-all, or a countdown) took the order out."""

    order: OrderRecord
    cause: Cause = Cause.NONE


class OrderExpired(NamedTuple):
    """The venue took the order out."""

    order: OrderRecord
    cause: Cause


class OrderAmended(NamedTuple):
    """Price or quantity changed; the figures before the change."""

    order: OrderRecord
    price_before: Ticks
    quantity_before: Lots


class ConditionalAccepted(NamedTuple):
    """A conditional order waits for its price."""

    conditional: ConditionalRecord


class ConditionalActivated(NamedTuple):
    """A trailing stop begins to follow the price, from ``price`` on."""

    conditional: ConditionalRecord
    price: Ticks


class ConditionalAmended(NamedTuple):
    """A waiting conditional order has other terms; the figures before the change."""

    conditional: ConditionalRecord
    trigger_before: Ticks
    price_before: Ticks | None
    quantity_before: Lots


class ConditionalTriggering(NamedTuple):
    """Its price was reached."""

    conditional: ConditionalRecord


class ConditionalTriggered(NamedTuple):
    """The order it stands for is entered; that order's own events follow at once."""

    conditional: ConditionalRecord
    order: OrderRecord


class ConditionalFinished(NamedTuple):
    """The order it stood for has ended."""

    conditional: ConditionalRecord


class ConditionalCancelled(NamedTuple):
    """Its owner (or cancel-all, or its sibling) took the conditional order out."""

    conditional: ConditionalRecord
    cause: Cause = Cause.NONE


class ConditionalRejected(NamedTuple):
    """Its price was reached, and the order it stood for was refused."""

    conditional: ConditionalRecord
    reason: Reason


class ConditionalExpired(NamedTuple):
    """The venue took a waiting conditional order out."""

    conditional: ConditionalRecord
    cause: Cause


class CountdownChanged(NamedTuple):
    """Resting orders will be cancelled at ``at``; None: not any more, or just now."""

    account: AccountId
    symbol: Symbol
    at: Millis | None


class TradeGroupChanged(NamedTuple):
    """An account belongs to another trade group; empty: to none."""

    account: AccountId
    group: str


class RiskControlChanged(NamedTuple):
    """Other sides of a symbol may only reduce positions."""

    symbol: Symbol
    control: RiskControl


class TradePrinted(NamedTuple):
    """A public trade."""

    trade: TradeRecord


class BookChanged(NamedTuple):
    """A level has this total quantity now (0: gone)."""

    symbol: Symbol
    side: Side
    price: Ticks
    quantity: Lots


class BalanceChanged(NamedTuple):
    """A wallet moved by ``change`` to ``wallet`` (atoms)."""

    account: AccountId
    asset: str
    wallet: Atoms
    change: Atoms
    cause: Cause


class PositionChanged(NamedTuple):
    """A leg changed; figures that depend on the mark are read through the exchange's queries.

    ``lots`` (signed), ``cost`` (signed atoms; cost / lots is the entry) and ``realised`` (atoms,
    accumulated, fees not counted) were true at that very step. An inverse contract counts its
    cost in 1e-18 of the coin: ask ``Core.entry_price``.
    """

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    cause: Cause
    lots: Lots = 0
    cost: Atoms = 0
    realised: Atoms = 0


class LeverageChanged(NamedTuple):
    """A symbol's leverage changed for an account."""

    account: AccountId
    symbol: Symbol
    leverage: int


class MarginModeChanged(NamedTuple):
    """A symbol's margin mode changed for an account."""

    account: AccountId
    symbol: Symbol
    mode: MarginMode


class PositionModeChanged(NamedTuple):
    """An account went to one-way or hedge mode."""

    account: AccountId
    hedge: bool


class MarkChanged(NamedTuple):
    """A mark price moved; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class IndexChanged(NamedTuple):
    """An index price moved; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class LastChanged(NamedTuple):
    """The last price moved without a trade; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class PhaseChanged(NamedTuple):
    """A symbol moved to another phase."""

    symbol: Symbol
    phase: Phase


class MarginMoved(NamedTuple):
    """Its owner changed a leg's isolated margin by ``amount`` to ``isolated`` (atoms)."""

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    amount: Atoms
    isolated: Atoms


class JointMarginChanged(NamedTuple):
    """An account went to joint margin of all assets, or back to margin per asset."""

    account: AccountId
    joint: bool


class MarginGroup(NamedTuple):
    """Whose margin is meant: an account's cross margin of an asset, or one isolated leg."""

    account: AccountId
    asset: str
    """Empty when all assets count together."""
    symbol: Symbol = ""
    """Empty for cross margin."""
    position_side: PositionSide | None = None


class MarginCalled(NamedTuple):
    """Advice: a margin balance came close to its maintenance margin (atoms)."""

    group: MarginGroup
    balance: Atoms
    maintenance: Atoms


class LiquidationStarted(NamedTuple):
    """A margin balance no longer exceeds its maintenance margin (atoms)."""

    group: MarginGroup
    balance: Atoms
    maintenance: Atoms


class LiquidationFinished(NamedTuple):
    """The margin group is flat, or healthy again."""

    group: MarginGroup


class PositionTakenOver(NamedTuple):
    """The insurance fund took ``lots`` (signed, as the leg held them) at the bankruptcy price."""

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    lots: Lots
    price: Ticks


class AdlStruck(NamedTuple):
    """A counterparty lost ``lots`` (signed, as held) of its leg to somebody's liquidation."""

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    lots: Lots
    price: Ticks
    bankrupt: AccountId


class FundingSet(NamedTuple):
    """A perpetual's funding changed."""

    symbol: Symbol
    terms: FundingTerms


class FundingCharged(NamedTuple):
    """A leg paid (below zero) or got funding; its BalanceChanged follows."""

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    amount: Atoms
    funding: FundingRecord


class SettlementSet(NamedTuple):
    """The price of delivery is known; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class DeliverySet(NamedTuple):
    """The instant of delivery changed."""

    symbol: Symbol
    at: Millis


class CommandRefused(NamedTuple):
    """Nothing changed, and this is why. ``detail`` is for humans."""

    command: Command
    reason: Reason
    detail: str = ""


Event: TypeAlias = (
    OrderAccepted
    | OrderFilled
    | OrderCancelled
    | OrderExpired
    | OrderAmended
    | ConditionalAccepted
    | ConditionalActivated
    | ConditionalAmended
    | ConditionalTriggering
    | ConditionalTriggered
    | ConditionalFinished
    | ConditionalCancelled
    | ConditionalRejected
    | ConditionalExpired
    | CountdownChanged
    | TradeGroupChanged
    | RiskControlChanged
    | TradePrinted
    | BookChanged
    | BalanceChanged
    | PositionChanged
    | LeverageChanged
    | MarginModeChanged
    | PositionModeChanged
    | MarkChanged
    | IndexChanged
    | LastChanged
    | PhaseChanged
    | MarginMoved
    | JointMarginChanged
    | MarginCalled
    | LiquidationStarted
    | LiquidationFinished
    | PositionTakenOver
    | AdlStruck
    | FundingSet
    | FundingCharged
    | SettlementSet
    | DeliverySet
    | CommandRefused
)
