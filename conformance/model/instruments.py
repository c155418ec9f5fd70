"""What can be traded, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from conformance.model.ids import Lots, Millis, Symbol
from conformance.model.money import Grid


class Phase(StrEnum):
    """Life of a symbol."""

    PRE_LAUNCH = "pre-launch"
    TRADING = "trading"
    HALTED = "halted"
    PRE_DELIVERY = "pre-delivery"
    DELIVERING = "delivering"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """The part of a symbol's rules that an adapter must know. All values exact."""

    symbol: Symbol
    base: str
    quote: str
    margin_asset: str
    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    contract_size: Decimal = Decimal(1)
    inverse: bool = False
    expiry_ms: Millis | None = None
    """None for perpetuals."""
    phase: Phase = Phase.TRADING

    @cached_property
    def prices(self) -> Grid:
        """The grid of legal prices."""
        return Grid(self.tick)

    @cached_property
    def quantities(self) -> Grid:
        """The grid of legal quantities."""
        return Grid(self.step)


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of a margin table: applies from ``floor`` (notional, quote units) upward.

    Maintenance margin of a notional N in this tier is ``N * maintenance_rate - deduction``.
    """

    floor: Decimal
    cap: Decimal
    max_leverage: int
    maintenance_rate: Decimal
    deduction: Decimal


@dataclass(frozen=True, kw_only=True)
class Listing(Instrument):
    """All rules by which the exchange runs a symbol. Quantities in lots where named so."""

    market_max_lots: Lots
    min_lots: Lots
    max_lots: Lots
    band_up: Decimal
    """A buy may not be dearer than mark * band_up."""
    band_down: Decimal
    max_open_orders: int
    maker_rate: Decimal
    taker_rate: Decimal
    tiers: tuple[Tier, ...]
    initial_price: Decimal
    """Mark, index and last price before the first trade."""
    market_take_bound: Decimal
    """How far from mark (as a fraction) a market order may take."""
    liquidation_rate: Decimal
    funding_interval_h: int = 8
    onboard_ms: Millis = 0
    amend_keeps_priority: bool = False
    """True: an order that only gets smaller keeps its place in the queue."""
    conditionals_max: int = 200
    """Waiting conditional orders of one account over all symbols."""
    conditionals_symbol_max: int = 200
    """Waiting conditional orders of one account in this symbol."""
    trigger_band_up: Decimal | None = None
    """A trigger may not lie above mark * trigger_band_up; None: anywhere."""
    trigger_band_down: Decimal | None = None
    trigger_protect: Decimal = Decimal("0.05")
    """A protected conditional waits while last and mark differ by more than this x mark."""
