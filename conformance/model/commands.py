"""What may be asked of the exchange core. Imperative; prices in ticks, quantities in lots.

Tuples, because the core is fed one for every order of a stress run.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import (
    Gauge,
    Kind,
    MarginMode,
    PositionSide,
    RiskControl,
    SelfTrade,
    Side,
    TimeInForce,
)


class PriceMatch(NamedTuple):
    """Take the limit price from the book at entry: the ``level``-th best one, 1 the best."""

    own: bool
    """True: queue on the own side; False: meet the opponent."""
    level: int = 1


class Exit(NamedTuple):
    """One half of a bracket: leave the position when ``gauge`` reaches ``trigger``."""

    trigger: Ticks
    price: Ticks | None = None
    """Limit of the order that leaves; None for a market order."""
    gauge: Gauge = Gauge.LAST
    client_id: str = ""
    tag: object = None


class Bracket(NamedTuple):
    """Exits attached to an entry order; the one that triggers cancels the other."""

    take_profit: Exit | None = None
    stop_loss: Exit | None = None
    early: bool = False
    """True: every fill gets its own pair at once. False: one pair when the entry has ended."""


class PlaceOrder(NamedTuple):
    """Enter an order; ``price`` is None for a market order."""

    account: AccountId
    symbol: Symbol
    side: Side
    kind: Kind
    quantity: Lots
    price: Ticks | None
    client_id: str
    """Empty: the order has none."""
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    expire_at: Millis | None = None
    tag: object = None
    """Dialect data carried along untouched (never read by the core)."""
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    match: PriceMatch | None = None
    """Where a limit order's price comes from, in place of ``price``."""
    bracket: Bracket | None = None
    expires: bool = False
    """Where the book forbids it (post-only, fill-or-kill): True enters it, and it expires at
    once; False refuses it."""


class AmendOrder(NamedTuple):
    """Replace price and total quantity of a resting order.

    It loses its time priority, unless the listing lets a mere reduction of quantity keep it.
    """

    account: AccountId
    symbol: Symbol
    order_id: int
    price: Ticks
    quantity: Lots


class CancelOrder(NamedTuple):
    """Take one resting order out of the book."""

    account: AccountId
    symbol: Symbol
    order_id: int


class CancelAll(NamedTuple):
    """Take all resting orders of the account in one symbol out of the book."""

    account: AccountId
    symbol: Symbol


class PlaceConditional(NamedTuple):
    """Leave an order that is entered once ``gauge`` reaches ``trigger``.

    A stop waits for the price to rise (buy) or fall (sell) to its trigger, a take-profit for the
    opposite. A trailing stop has no trigger: it follows the best price since ``activation`` (None:
    at once) at a distance in millionths of that price or in ticks.
    """

    account: AccountId
    symbol: Symbol
    side: Side
    kind: Kind
    quantity: Lots
    """Zero with ``close_position``."""
    client_id: str
    trigger: Ticks | None = None
    price: Ticks | None = None
    """Limit of the order to enter; None for the kinds that enter a market order."""
    gauge: Gauge = Gauge.LAST
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    close_position: bool = False
    """Close the whole leg, whatever it holds at the trigger."""
    position_bound: bool = False
    """Expire when the position it would reduce is gone."""
    protected: bool = False
    """Do not trigger while last and mark price are further apart than the listing allows."""
    activation: Ticks | None = None
    callback_ppm: int = 0
    callback_ticks: Ticks = 0
    expire_at: Millis | None = None
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    match: PriceMatch | None = None
    tag: object = None
    """Dialect data, handed on to the order that is entered."""


class AmendConditional(NamedTuple):
    """Replace trigger, limit and quantity of a waiting conditional order that does not trail."""

    account: AccountId
    conditional_id: int
    trigger: Ticks
    price: Ticks | None
    quantity: Lots


class CancelConditional(NamedTuple):
    """Take one waiting conditional order out."""

    account: AccountId
    conditional_id: int


class CancelAllConditional(NamedTuple):
    """Take all waiting conditional orders of the account in one symbol out."""

    account: AccountId
    symbol: Symbol


class SetCountdown(NamedTuple):
    """Cancel all resting orders of the account in the symbol at ``at``; None calls it off."""

    account: AccountId
    symbol: Symbol
    at: Millis | None


class SetTradeGroup(NamedTuple):
    """Put an account into a group whose members do not trade with each other; empty: none.

    Orders keep the group they were placed under.
    """

    account: AccountId
    group: str


class SetRiskControl(NamedTuple):
    """Let one side of a symbol, or both, only reduce positions."""

    symbol: Symbol
    control: RiskControl


class SetLeverage(NamedTuple):
    """Set the leverage of a symbol for an account."""

    account: AccountId
    symbol: Symbol
    leverage: int


class SetMarginMode(NamedTuple):
    """Choose cross or isolated margin for a symbol."""

    account: AccountId
    symbol: Symbol
    mode: MarginMode


class SetPositionMode(NamedTuple):
    """Choose one-way (False) or hedge (True) mode for the account."""

    account: AccountId
    hedge: bool


class Deposit(NamedTuple):
    """Credit (or, below zero, debit) an account from outside the exchange."""

    account: AccountId
    asset: str
    amount: Atoms


class SetMark(NamedTuple):
    """Move the mark price; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class SetIndex(NamedTuple):
    """Move the index price; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class SetLast(NamedTuple):
    """Move the last price without a trade; ``price`` counts 1e-8 quote units."""

    symbol: Symbol
    price: Atoms


class MoveMargin(NamedTuple):
    """Move ``amount`` of margin into an isolated leg, or (``take``) out of it."""

    account: AccountId
    symbol: Symbol
    position_side: PositionSide
    amount: Atoms
    take: bool = False


class SetJointMargin(NamedTuple):
    """Choose whether all assets of an account margin its positions together."""

    account: AccountId
    joint: bool


class SetFunding(NamedTuple):
    """Set what a perpetual charges from the next boundary on, until it is set again."""

    symbol: Symbol
    rate: int
    """In 1e-8 of the notional at mark; longs pay above zero."""
    interval_h: int | None = None
    """None: as before. Boundaries are whole multiples of it, counted from 1970-01-01T00:00Z."""


class SettleFunding(NamedTuple):
    """Charge one special funding at once, beside the regular ones; ``rate`` as in SetFunding."""

    symbol: Symbol
    rate: int


class SetSettlement(NamedTuple):
    """Fix the price of delivery (1e-8 quote units); without it the index at expiry counts."""

    symbol: Symbol
    price: Atoms


class SetDelivery(NamedTuple):
    """Set the instant of delivery: the expiry of a dated future, the delisting of a perpetual."""

    symbol: Symbol
    at: Millis


class SetPhase(NamedTuple):
    """Move a symbol to another phase of its life."""

    symbol: Symbol
    phase: Phase


Command: TypeAlias = (
    PlaceOrder
    | AmendOrder
    | CancelOrder
    | CancelAll
    | PlaceConditional
    | AmendConditional
    | CancelConditional
    | CancelAllConditional
    | SetCountdown
    | SetTradeGroup
    | SetRiskControl
    | SetLeverage
    | SetMarginMode
    | SetPositionMode
    | Deposit
    | SetMark
    | SetIndex
    | SetLast
    | SetPhase
    | MoveMargin
    | SetJointMargin
    | SetFunding
    | SettleFunding
    | SetSettlement
    | SetDelivery
)
