"""Orders, fills, positions and balances as a client and a judge see them (Decimal values)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from conformance.model.ids import Millis, Symbol

ZERO = Decimal(0)


class Side(StrEnum):
    """Direction of an order or of a taker."""

    BUY = "buy"
    SELL = "sell"

    def __init__(self, word: str) -> None:
        self.sign = 1 if word == "buy" else -1
        """+1 for a buy, -1 for a sell."""

    @property
    def opposite(self) -> Side:
        """The other side."""
        return SELL if self is BUY else BUY


BUY, SELL = Side.BUY, Side.SELL
"""For hot paths: to reach a member through its class takes five times as long (CPython 3.11)."""


class Kind(StrEnum):
    """What makes an order executable."""

    LIMIT = "limit"
    MARKET = "market"
    STOP_MARKET = "stop-market"
    STOP_LIMIT = "stop-limit"
    TAKE_PROFIT_MARKET = "take-profit-market"
    TAKE_PROFIT_LIMIT = "take-profit-limit"
    TRAILING_STOP = "trailing-stop"


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post-only"
    GTD = "gtd"


class Gauge(StrEnum):
    """The price that a conditional order watches."""

    LAST = "last"
    MARK = "mark"
    INDEX = "index"


class SelfTrade(StrEnum):
    """What a taker does when it meets an order of its own account or trade group."""

    NONE = "none"
    """They trade."""
    EXPIRE_TAKER = "expire-taker"
    EXPIRE_MAKER = "expire-maker"
    EXPIRE_BOTH = "expire-both"


class RiskControl(StrEnum):
    """Which sides of a symbol may only reduce positions."""

    NONE = "none"
    BOTH = "both"
    BUY = "buy"
    SELL = "sell"


class PositionSide(StrEnum):
    """The leg an order belongs to: ``NET`` in one-way mode, ``LONG``/``SHORT`` in hedge mode."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


class Forced(StrEnum):
    """Why the venue, and not its owner, placed an order."""

    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"
    """The counterparty of somebody's liquidation that neither book nor fund could take."""
    DELIVERY = "delivery"


class MarginMode(StrEnum):
    """Where the margin of a position comes from."""

    CROSS = "cross"
    ISOLATED = "isolated"


class Status(StrEnum):
    """Where an order is in its life."""

    PENDING = "pending"
    """Sent; nothing is known yet."""
    OPEN = "open"
    PARTIALLY_FILLED = "partially-filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """Sent, and neither acceptance nor refusal could be established."""

    @property
    def terminal(self) -> bool:
        """True when no further event may change the order."""
        return self in _TERMINAL

    @property
    def live(self) -> bool:
        """True when the order is known to rest at the venue."""
        return self in (Status.OPEN, Status.PARTIALLY_FILLED)


class ConditionalStatus(StrEnum):
    """Where a conditional order is in its life."""

    NEW = "new"
    TRIGGERING = "triggering"
    """Its price was reached; the order it stands for is being entered."""
    TRIGGERED = "triggered"
    """The order it stands for was accepted and lives."""
    FINISHED = "finished"
    """The order it stands for has ended, filled or not."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    """The order it stands for was refused."""
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        """True when no further event may change the conditional order."""
        return self in _CONDITIONAL_TERMINAL


_CONDITIONAL_TERMINAL = frozenset(
    {
        ConditionalStatus.FINISHED,
        ConditionalStatus.CANCELLED,
        ConditionalStatus.REJECTED,
        ConditionalStatus.EXPIRED,
    }
)
_TERMINAL = frozenset({Status.FILLED, Status.CANCELLED, Status.EXPIRED, Status.REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What a strategy wants. Quantities in the instrument's own unit, prices in quote."""

    symbol: Symbol
    side: Side
    quantity: Decimal
    kind: Kind = Kind.LIMIT
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    client_id: str | None = None
    trigger_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order as its owner knows it at one instant."""

    symbol: Symbol
    client_id: str
    side: Side
    kind: Kind
    quantity: Decimal
    status: Status
    venue_id: str = ""
    price: Decimal | None = None
    filled: Decimal = ZERO
    average_price: Decimal = ZERO
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    own: bool = True
    """False when another client of the same account placed it."""
    reason: str = ""
    updated_ms: Millis = 0

    @property
    def remaining(self) -> Decimal:
        """Quantity not yet executed."""
        return self.quantity - self.filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution of one of our orders. ``fee`` > 0 is paid, < 0 is a rebate."""

    symbol: Symbol
    trade_id: str
    client_id: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal = ZERO
    fee_asset: str = ""
    realised: Decimal = ZERO
    maker: bool = False
    position_side: PositionSide = PositionSide.NET
    at_ms: Millis = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One leg. ``quantity`` is signed: above zero long, below zero short."""

    symbol: Symbol
    quantity: Decimal
    entry_price: Decimal
    position_side: PositionSide = PositionSide.NET
    mark_price: Decimal = ZERO
    unrealised: Decimal = ZERO
    margin_mode: MarginMode = MarginMode.CROSS
    leverage: int | None = None
    liquidation_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Money of one asset: ``wallet`` booked, ``available`` free for new orders."""

    asset: str
    wallet: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Price levels, best first, as (price, quantity) pairs.

    ``valid`` is False while the holder knows that it may have missed a change.
    """

    symbol: Symbol
    bids: tuple[tuple[Decimal, Decimal], ...] = ()
    asks: tuple[tuple[Decimal, Decimal], ...] = ()
    valid: bool = False
    sequence: int = 0

    @property
    def crossed(self) -> bool:
        """True when the best bid reaches the best ask."""
        return bool(self.bids and self.asks and self.bids[0][0] >= self.asks[0][0])
