"""A venue's client half as pure protocol logic: intents to bytes, bytes to values.

The reference client owns sockets, time and retries; the half owns the venue's words. A ``Call``
carries its own decoder, so that sending and reading stay typed and generic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from conformance.contracts.adapter import Credentials
from conformance.model.funding import Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Instrument
from conformance.model.orders import Balance, Fill, MarginMode, Order, OrderRequest, Position
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import Operation, WireReply, WireRequest

T = TypeVar("T")
Levels: TypeAlias = tuple[tuple[Decimal, Decimal], ...]
"""(price, quantity) pairs; quantity zero means that the level is gone."""


class Pool(NamedTuple):
    """One published budget: ``units`` in any window of ``window_ms``."""

    name: str
    units: int
    window_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Generic[T]):
    """One request in the venue's words, not yet stamped and signed."""

    operation: Operation
    method: str
    path: str
    decode: Callable[[Any], T]
    """Makes the value of the parsed answer; raises KeyError, TypeError or ValueError."""
    params: tuple[tuple[str, str], ...] = ()
    signed: bool = False
    keyed: bool = False
    costs: tuple[tuple[str, int], ...] = ()
    """Units by pool name."""
    idempotent: bool = False
    """True when sending it twice leaves the venue as sending it once."""


class Silence(NamedTuple):
    """The venue asks for a pause: until an instant of its clock, or for a time from now."""

    until_ms: Millis = 0
    for_ms: int = 0
    pools: tuple[str, ...] = ()
    """Only calls that cost units of these pools must pause; empty: all calls."""
    banned: bool = False


class Hint(Enum):
    """What a definite refusal says beyond its category."""

    DUPLICATE = auto()
    """An open order has this client id."""
    WRONG_MODE = auto()
    """The account is in the other position mode."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be traded, and the budgets in force."""

    instruments: Sequence[Instrument]
    pools: Sequence[Pool]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole book at ``sequence``."""

    sequence: int
    bids: Levels
    asks: Levels


class Held(NamedTuple):
    """One leg as the venue stated it at ``at_ms``; quantity zero when flat."""

    position: Position
    at_ms: Millis


class Execution(NamedTuple):
    """A fill as a history states it: ``venue_id`` names the order, the client id is empty."""

    fill: Fill
    venue_id: str


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How to open a stream: what follows the base URL, and what to send first."""

    path: str = field(repr=False)
    """May carry a stream key: never printed."""
    opening: tuple[str, ...] = ()


class BookDelta(NamedTuple):
    """Changed levels; ``previous`` is the last id of the delta before it."""

    symbol: Symbol
    first: int
    last: int
    previous: int
    bids: Levels
    asks: Levels


class OrderNews(NamedTuple):
    """An order's state, with the execution that led to it if there was one."""

    order: Order
    fill: Fill | None


class StreamKeyGone(NamedTuple):
    """The user stream's key has ended: no more events will come."""


class Subscribed(NamedTuple):
    """The venue confirmed a subscription: from now on nothing is missed."""


class MarginCall(NamedTuple):
    """The venue warns that the margin of these legs is nearly used up."""

    symbols: tuple[Symbol, ...]


class Accrual(NamedTuple):
    """The next funding of a symbol; the interval is told elsewhere."""

    rate: Decimal
    next_ms: Millis


class Entry(NamedTuple):
    """Money that moved at ``at_ms``; ``payment`` is None unless it was funding."""

    at_ms: Millis
    payment: Payment | None


StreamEvent: TypeAlias = BookDelta | OrderNews | Held | MarginCall | StreamKeyGone | Subscribed


class Link(Enum):
    """How a delta follows the book."""

    STALE = auto()
    """Already contained: ignore it."""
    NEXT = auto()
    """Apply it."""
    GAP = auto()
    """Something between is missing: the book is wrong."""


class ClientHalf(Protocol):
    """What the reference client asks of a venue. Synchronous and pure."""

    pools: Sequence[Pool]
    testnets: Sequence[str]
    """Hosts beyond loopback that may be talked to."""
    batch_max: int
    key_extend_ms: int
    """How often the user stream's key wants to be kept alive."""

    def time(self) -> Call[Millis]:
        """Ask for the venue's clock."""

    def catalogue(self) -> Call[Catalogue]:
        """Ask for instruments and budgets."""

    def refusal(self, request: OrderRequest, *, hedge: bool) -> str:
        """Return why the order cannot be said in this dialect, or nothing."""

    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Order]:
        """Send one order; ``request.client_id`` is set and all values are on their grids."""

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Order]]]:
        """Send at most ``batch_max`` orders in one message."""

    def amend(self, order: Order, price: Decimal, quantity: Decimal) -> Call[Order]:
        """Replace price and total quantity."""

    def cancel(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Cancel one order by either id."""

    def cancel_all(self, symbol: Symbol) -> Call[None]:
        """Cancel every order of the account in the symbol."""

    def order(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Ask for one order by either id."""

    def open_orders(self, symbol: Symbol = "") -> Call[Sequence[Order]]:
        """Ask for the resting orders of one symbol, or of all."""

    def fills(self, symbol: Symbol, *, after: str, since_ms: Millis) -> Call[Sequence[Execution]]:
        """Ask for executions beyond trade ``after``, or (when empty) since an instant.

        Oldest first, at most ``fills_max`` of them.
        """

    fills_max: int

    def positions(self) -> Call[Sequence[Held]]:
        """Ask for all legs, flat ones too."""

    def balances(self) -> Call[Sequence[Balance]]:
        """Ask for the account's money."""

    def accrual(self, symbol: Symbol) -> Call[Accrual]:
        """Ask for rate and instant of the next funding."""

    def intervals(self) -> Call[Mapping[Symbol, int]]:
        """Ask for funding intervals in hours; symbols left out have ``interval_h``."""

    interval_h: int

    def payments(self, symbol: Symbol, *, since_ms: Millis) -> Call[Sequence[Entry]]:
        """Ask for money that moved since an instant; oldest first, at most ``payments_max``."""

    payments_max: int

    def hedge(self) -> Call[bool]:
        """Ask for the position mode."""

    def set_hedge(self, *, hedge: bool) -> Call[None]:
        """Set the position mode."""

    def set_leverage(self, symbol: Symbol, leverage: int) -> Call[int]:
        """Set the leverage of a symbol."""

    def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Call[None]:
        """Set the margin mode of a symbol."""

    def snapshot(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask for the whole book."""

    def glimpse(self, symbol: Symbol) -> Call[Snapshot]:
        """Ask cheaply for the best levels."""

    def stream_key(self) -> Call[str]:
        """Create the user stream's key, or get the one in force."""

    def extend_stream_key(self, key: str) -> Call[None]:
        """Keep the user stream's key alive."""

    def sign(self, call: Call[Any], credentials: Credentials, at: Millis) -> WireRequest:
        """Stamp and sign: return the very bytes to be sent."""

    def read(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        """Say what came of a call. Never raises, whatever the bytes."""

    def hint(self, rejected: Rejected) -> Hint | None:
        """Return what the refusal's code says beyond its category."""

    def silence(self, reply: WireReply) -> Silence | None:
        """Return the pause that the answer asks for."""

    def usage(self, reply: WireReply) -> Mapping[str, int]:
        """Return the used units by pool as the answer states them."""

    def book_stream(self, symbols: Sequence[Symbol]) -> StreamPlan:
        """Plan a stream of book deltas."""

    def user_stream(self, key: str) -> StreamPlan:
        """Plan the account's own stream."""

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        """Decode one frame; unknown events give nothing. Raises ValueError when unreadable."""

    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:
        """Judge a delta against a book at ``sequence``; ``fresh``: it still is the snapshot."""
