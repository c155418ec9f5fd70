"""What may be asked of the exchange core. Imperative; prices in ticks, quantities in lots.

Tuples, because the core is fed one for every order of a stress run.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol, Ticks
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, MarginMode, PositionSide, Side, TimeInForce


class PlaceOrder(NamedTuple):
    """Enter an order; ``price`` is None for a market order."""

    account: AccountId
    symbol: Symbol
    side: Side
    kind: Kind
    quantity: Lots
    price: Ticks | None
    client_id: str
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    expire_at: Millis | None = None
    tag: object = None
    """Dialect data carried along untouched (never read by the core)."""


class AmendOrder(NamedTuple):
    """Replace price and total quantity of a resting order; it loses its time priority."""

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


class SetPhase(NamedTuple):
    """Move a symbol to another phase of its life."""

    symbol: Symbol
    phase: Phase


Command: TypeAlias = (
    PlaceOrder
    | AmendOrder
    | CancelOrder
    | CancelAll
    | SetLeverage
    | SetMarginMode
    | SetPositionMode
    | Deposit
    | SetMark
    | SetIndex
    | SetLast
    | SetPhase
)
