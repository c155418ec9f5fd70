"""A venue's client half as pure protocol logic: intents to bytes, bytes to values.

The reference client owns sockets, time and retries; the half owns the venue's words. A ``Call``
carries its own decoder, so that sending and reading stay typed and generic.

Venues differ in when they tell what came of a command: some answer with the whole order, others
with a ``Receipt`` only, and the truth comes by stream or by query. They differ in how a book
begins (by query, or in band), in how an account's stream opens (with a key, or with a signed
message), and in how a long answer is read on (``Page``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from conformance.contracts.adapter import Credentials
from conformance.model.capabilities import Capability
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
    params: tuple[tuple[str, Any], ...] = ()
    """Text, or whatever else a body of the venue's may hold."""
    signed: bool = False
    keyed: bool = False
    costs: tuple[tuple[str, int], ...] = ()
    """Units by pool name."""
    idempotent: bool = False
    """True when sending it twice leaves the venue as sending it once."""
    elsewhere: Call[T] | None = None
    """Where else to ask when this one does not find what it asks for."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One part of an answer that may come in parts."""

    rows: Sequence[T]
    more: Call[Page[T]] | None = None
    """Asks for the next part; None when this is the last."""
    at_ms: Millis = 0
    """When it was so, by the venue's clock; 0 where the answer does not say."""


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
    pools: Sequence[Pool] = ()
    more: Call[Catalogue] | None = None
    """Asks for further instruments."""


class Receipt(NamedTuple):
    """A command was taken in, and that is all: what comes of it is told elsewhere."""

    client_id: str = ""
    venue_id: str = ""


Taken: TypeAlias = Order | Receipt
"""What a command is answered with."""


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
    opening: tuple[str, ...] = field(default=(), repr=False)
    """May carry a signature: never printed."""
    confirmed: bool = False
    """True when each message of the opening waits until the one before was ``Confirmed``."""
    beat: str = ""
    """What to send every ``beat_ms`` to keep the stream; nothing where pings will do."""
    beat_ms: int = 0


class BookDelta(NamedTuple):
    """Changed levels; ``previous`` is the last id of the delta before it."""

    symbol: Symbol
    first: int
    last: int
    previous: int
    bids: Levels
    asks: Levels


class BookReset(NamedTuple):
    """The stream itself sent the whole book: it replaces whatever was known."""

    symbol: Symbol
    snapshot: Snapshot


class OrderNews(NamedTuple):
    """An order's state, with the execution that led to it if there was one."""

    order: Order
    fill: Fill | None


class StreamKeyGone(NamedTuple):
    """The user stream's key has ended: no more events will come."""


class Confirmed(NamedTuple):
    """The venue confirmed a message of ours: what it subscribed to is not missed from now on."""


class Denied(NamedTuple):
    """The venue refused a message of ours."""

    text: str


class MarginCall(NamedTuple):
    """The venue warns that the margin of these legs is nearly used up."""

    symbols: tuple[Symbol, ...]


class Accrual(NamedTuple):
    """The next funding of a symbol; the interval is told elsewhere."""

    rate: Decimal
    next_ms: Millis


StreamEvent: TypeAlias = (
    BookDelta
    | BookReset
    | OrderNews
    | Execution
    | Held
    | MarginCall
    | StreamKeyGone
    | Confirmed
    | Denied
)


class Link(Enum):
    """How a delta follows the book."""

    STALE = auto()
    """Already contained: ignore it."""
    NEXT = auto()
    """Apply it."""
    GAP = auto()
    """Something between is missing: the book is wrong."""


class StreamKeys(Protocol):
    """Keys that open an account's stream, made by a call and kept alive by another."""

    extend_ms: int
    """How often a key wants to be kept alive."""

    def create(self) -> Call[str]:
        """Create the key, or get the one in force."""

    def extend(self, key: str) -> Call[None]:
        """Keep a key alive."""


class ClientHalf(Protocol):
    """What the reference client asks of a venue. Synchronous and pure."""

    pools: Sequence[Pool]
    testnets: Sequence[str]
    """Hosts beyond loopback that may be talked to."""
    batch_max: int
    lacks: Collection[Capability]
    """What no client can do at this venue."""
    stream_keys: StreamKeys | None
    """None where an account's stream opens without a key of its own."""

    def time(self) -> Call[Millis]:
        """Ask for the venue's clock."""

    def catalogue(self) -> Call[Catalogue]:
        """Ask for instruments and budgets."""

    def refusal(self, request: OrderRequest, *, hedge: bool) -> str:
        """Return why the order cannot be said in this dialect, or nothing."""

    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        """Send one order; ``request.client_id`` is set and all values are on their grids."""

    def place_batch(
        self, requests: Sequence[OrderRequest], *, hedge: bool
    ) -> Call[Sequence[Outcome[Taken]]]:
        """Send at most ``batch_max`` orders in one message."""

    def amend(self, order: Order, price: Decimal, quantity: Decimal) -> Call[Taken]:
        """Replace price and total quantity."""

    def cancel(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Taken]:
        """Cancel one order by either id."""

    def cancel_all(self, symbol: Symbol) -> Call[None]:
        """Cancel every order of the account in the symbol."""

    def order(self, symbol: Symbol, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        """Ask for one order by either id."""

    def open_orders(self, symbol: Symbol = "") -> Call[Page[Order]]:
        """Ask for the resting orders of one symbol, or of all."""

    def fills(self, symbol: Symbol, *, after: str, since_ms: Millis) -> Call[Page[Execution]]:
        """Ask for executions since an instant, or beyond trade ``after`` where trades are numbered.

        Some may be told that were told before; pages come in any order.
        """

    def positions(self) -> Call[Page[Held]]:
        """Ask for all legs; those that are not told are flat."""

    def balances(self) -> Call[Sequence[Balance]]:
        """Ask for the account's money."""

    def accrual(self, symbol: Symbol) -> Call[Accrual]:
        """Ask for rate and instant of the next funding."""

    def interval(self, symbol: Symbol) -> Call[int]:
        """Ask for the hours from one funding to the next."""

    def payments(self, symbol: Symbol, *, since_ms: Millis) -> Call[Page[Payment]]:
        """Ask for funding that was paid since an instant; some of it may be told twice."""

    def hedge(self, symbol: Symbol) -> Call[bool]:
        """Ask for the position mode; where each symbol has its own, for that of ``symbol``."""

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

    def sign(self, call: Call[Any], credentials: Credentials, at: Millis) -> WireRequest:
        """Stamp and sign: return the very bytes to be sent."""

    def read(self, call: Call[T], reply: WireReply) -> Outcome[T]:
        """Say what came of a call. Never raises, whatever the bytes."""

    def hint(self, rejected: Rejected) -> Hint | None:
        """Return what the refusal's code says beyond its category."""

    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:
        """Return the pause that the answer to a call asks for."""

    def usage(self, call: Call[Any], reply: WireReply) -> Mapping[str, int]:
        """Return the used units by pool as the answer to a call states them."""

    def book_stream(self, symbols: Sequence[Symbol]) -> StreamPlan:
        """Plan a stream of book deltas."""

    def book_again(self, symbol: Symbol) -> Sequence[str]:
        """Return messages upon which the stream sends the whole book; none where it never does."""

    def user_stream(self, key: str, credentials: Credentials, at: Millis) -> StreamPlan:
        """Plan the account's own stream; ``key`` is empty where there are no stream keys."""

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        """Decode one frame; unknown events give nothing. Raises ValueError when unreadable."""

    def link(self, delta: BookDelta, sequence: int, *, fresh: bool) -> Link:
        """Judge a delta against a book at ``sequence``; ``fresh``: it still is the snapshot."""
