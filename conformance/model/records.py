"""The exchange's own books, as others may read them. Only ``exchange/`` writes here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from conformance.model.commands import Bracket, PlaceConditional
from conformance.model.ids import AccountId, Atoms, Lots, Millis, Symbol, Ticks
from conformance.model.orders import (
    ConditionalStatus,
    Forced,
    Kind,
    MarginMode,
    PositionSide,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.refusals import Reason


@dataclass(slots=True, kw_only=True, eq=False)
class OrderRecord:
    """One order in the exchange; identity is the object. Mutated by the engine alone."""

    order_id: int
    client_id: str
    account: AccountId
    symbol: Symbol
    side: Side
    kind: Kind
    time_in_force: TimeInForce
    quantity: Lots
    price: Ticks | None
    reduce_only: bool
    position_side: PositionSide
    created_ms: Millis
    updated_ms: Millis
    status: Status = Status.OPEN
    filled: Lots = 0
    cost: Atoms = 0
    """Sum of price x quantity over the fills, in atoms of the quote."""
    expire_at: Millis | None = None
    amendments: int = 0
    forced: Forced | None = None
    """Set when the venue placed it; its client id is then ``forced`` and its order id."""
    tag: object = None
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    trade_group: str = ""
    bracket: Bracket | None = None
    conditional_id: int = 0
    """The conditional order that entered it, or 0."""


class Peak:
    """The best price since activation, shared by all trailing stops that have seen the same."""

    __slots__ = ("price",)

    def __init__(self, price: Ticks) -> None:
        self.price = price


@dataclass(slots=True, kw_only=True, eq=False)
class ConditionalRecord:
    """One conditional order; identity is the object. Mutated by the engine alone."""

    conditional_id: int
    command: PlaceConditional
    """What was asked for; an amendment replaces it."""
    created_ms: Millis
    updated_ms: Millis
    rising: bool
    """True when it waits for the price to rise to its trigger or activation."""
    status: ConditionalStatus = ConditionalStatus.NEW
    peak: Peak | None = None
    """None unless it trails."""
    triggered_ms: Millis | None = None
    order: OrderRecord | None = None
    """The order it has entered."""
    sibling: ConditionalRecord | None = None
    """The other half of its bracket."""
    reason: Reason | None = None
    """Why it was rejected."""


class FillRecord(NamedTuple):
    """One side of one trade. ``fee`` and ``realised`` in atoms of the margin asset."""

    trade_id: int
    order_id: int
    client_id: str
    symbol: Symbol
    side: Side
    position_side: PositionSide
    price: Ticks
    quantity: Lots
    fee: Atoms
    realised: Atoms
    maker: bool
    at: Millis


class TradeRecord(NamedTuple):
    """One public trade."""

    trade_id: int
    symbol: Symbol
    price: Ticks
    quantity: Lots
    taker_side: Side
    at: Millis


class PositionRecord(NamedTuple):
    """One leg with the figures derived at the present mark price (exact, 8 decimals)."""

    symbol: Symbol
    position_side: PositionSide
    lots: Lots
    """Signed."""
    entry_price: Decimal
    break_even_price: Decimal
    mark_price: Decimal
    notional: Decimal
    """Signed, at mark."""
    unrealised: Decimal
    initial_margin: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maintenance_margin: Decimal
    bid_notional: Decimal
    ask_notional: Decimal
    liquidation_price: Decimal
    """Zero when there is none."""
    isolated_margin: Decimal
    isolated_wallet: Decimal
    leverage: int
    max_notional: Decimal
    margin_mode: MarginMode
    accumulated_realised: Decimal
    updated_ms: Millis


class Stake(NamedTuple):
    """One leg in bare counts, nothing worked out: enough to tell what a trade did to it."""

    lots: Lots
    """Signed."""
    cost: int
    """Signed like ``lots``, as PositionChanged has it."""
    paid: Atoms
    """Fees paid for the open lots."""
    realised: Atoms
    """Accumulated over the life of the leg, fees not counted."""
    isolated: Atoms
    """The part of the wallet set aside for the leg."""
    margin_mode: MarginMode


class BalanceRecord(NamedTuple):
    """One asset of one account (exact, 8 decimals)."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    unrealised: Decimal
    cross_unrealised: Decimal
    initial_margin: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maintenance_margin: Decimal
    available: Decimal
    margin_balance: Decimal
    updated_ms: Millis


class Level(NamedTuple):
    """One price level of a book."""

    price: Ticks
    quantity: Lots


class Depth(NamedTuple):
    """The best levels of a book, best first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class FundingTerms(NamedTuple):
    """What the next funding of a perpetual will be. ``rate`` in 1e-8 of the notional."""

    rate: int
    interval_h: int
    next_ms: Millis | None
    """None until a rate was set for the first time."""


class FundingRecord(NamedTuple):
    """One funding that was charged. ``rate`` in 1e-8 of the notional; longs pay above zero."""

    symbol: Symbol
    at: Millis
    rate: int
    mark: Atoms
    special: bool
