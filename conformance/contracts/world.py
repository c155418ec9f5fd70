"""What a case steers: the venue under its control, its truth, and what went over the wire.

Everything here is in neutral words; a case never learns which venue it plays on. Methods that
change the venue act at once (in the caller's instant); what follows travels by stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from conformance.contracts.adapter import Adapter, Credentials, Endpoints
from conformance.contracts.dialect import ErrorRow
from conformance.contracts.faults import Faults
from conformance.contracts.oracle import Oracle
from conformance.model.capabilities import Way
from conformance.model.funding import Funding
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing, Phase
from conformance.model.orders import (
    Balance,
    Book,
    Fill,
    MarginMode,
    Order,
    OrderRequest,
    Position,
    PositionSide,
    Side,
)
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, Topic


class Truth(Protocol):
    """What really is: read from the exchange core, never from the adapter."""

    def order(self, client_id: str) -> Order | None:
        """Return the newest order of the account with this client id."""

    def orders(self) -> Sequence[Order]:
        """Return all orders of the account, oldest first."""

    def open_orders(self) -> Sequence[Order]:
        """Return the resting ones."""

    def fills(self) -> Sequence[Fill]:
        """Return all executions of the account, oldest first."""

    def positions(self) -> Sequence[Position]:
        """Return the open legs."""

    def balances(self) -> Sequence[Balance]:
        """Return the account's money."""

    def book(self, symbol: Symbol, levels: int = 1000) -> Book:
        """Return the best levels."""

    def leverage(self, symbol: Symbol) -> int:
        """Return the leverage in force."""

    def margin_mode(self, symbol: Symbol) -> MarginMode:
        """Return the margin mode in force."""

    def hedge(self) -> bool:
        """True in hedge mode."""

    def funding(self, symbol: Symbol) -> Funding:
        """Return what the next funding will be; raise Beyond where the venue alone knows."""

    def ledger_sum(self, asset: str) -> Decimal:
        """Return the sum over the whole ledger: zero."""


class Market(Protocol):
    """The other participants. Their orders are real orders in the same book."""

    def rest(self, side: Side, price: Decimal, quantity: Decimal, symbol: Symbol = "") -> None:
        """Put a resting order into the book; ``symbol`` defaults to ``world.symbol``."""

    def take(self, side: Side, quantity: Decimal, symbol: Symbol = "") -> None:
        """Send a market order."""

    def clear(self, symbol: Symbol = "") -> None:
        """Cancel every order of the other participants."""

    def mark(self, price: Decimal, symbol: Symbol = "") -> None:
        """Move the mark price."""

    def phase(self, phase: Phase, symbol: Symbol = "") -> None:
        """Move the symbol to another phase of its life."""

    def set_funding(self, rate: Decimal, interval_h: int = 0, symbol: Symbol = "") -> None:
        """Set what a perpetual charges from its next boundary on; 0 h: as often as before."""

    def charge_funding(self, rate: Decimal, symbol: Symbol = "") -> None:
        """Charge one special funding at once, beside the regular ones."""

    def foreign(self, request: OrderRequest) -> Order:
        """Place an order on the *testee's* account as another client of it would."""

    def cancel(self, client_id: str) -> None:
        """Cancel an order of the testee's account as another client of it would."""

    def deposit(self, amount: Decimal, asset: str = "") -> None:
        """Credit (below zero: debit) the testee's account."""

    def set_leverage(self, leverage: int, symbol: Symbol = "") -> None:
        """Change the testee's leverage from outside."""

    def set_margin_mode(self, mode: MarginMode, symbol: Symbol = "") -> None:
        """Change the testee's margin mode from outside."""

    def set_hedge_mode(self, hedge: bool) -> None:  # noqa: FBT001 - one claim
        """Change the testee's position mode from outside."""


class Wire(Protocol):
    """Everything that went over the wire, in order. Headers and secrets are never redacted here:
    a case may look, the evidence writer redacts.
    """

    def calls(self, *operations: Operation, since: int = 0) -> Sequence[RoundTrip]:
        """Return requests (of these operations, or all) with a number above ``since``."""

    def frames(
        self, topic: Topic | None = None, *, inbound: bool | None = None, since: int = 0
    ) -> Sequence[Frame]:
        """Return WebSocket frames with a number above ``since``."""

    def streams(self, *, private: bool | None = None, open_only: bool = False) -> Sequence[Stream]:
        """Return WebSocket connections, oldest first."""

    def mark(self) -> int:
        """Return the number of the last record, for ``since``."""


class Performance(Protocol):
    """A market story under way."""

    story: str
    """Its name."""

    @property
    def done(self) -> bool:
        """True when the story has come to its end."""

    async def wait(self) -> None:
        """Wait until the story has ended: in virtual time that costs nothing."""

    def stop(self) -> None:
        """Break the story off; what has happened stays."""


class World(Protocol):
    """One venue, one testee, one case."""

    seed: int
    symbol: Symbol
    """The instrument the case plays in."""
    symbols: Sequence[Symbol]
    """Further instruments, ``symbol`` first; at least three."""
    endpoints: Endpoints
    credentials: Credentials
    errors: Sequence[ErrorRow]
    """The venue's documented refusals."""
    limits: Mapping[str, tuple[int, int]]
    """Published pools: name to (units, window in ms); ``requests`` and ``orders`` at least."""
    key_kinds: Sequence[str]
    """Kinds of key that the venue knows."""
    oracle: Oracle
    """The outside witnesses of signatures."""

    @property
    def truth(self) -> Truth:
        """What really is."""

    @property
    def market(self) -> Market:
        """The other participants."""

    @property
    def faults(self) -> Faults:
        """Troubles that may be armed."""

    @property
    def wire(self) -> Wire:
        """What went over the wire."""

    @property
    def listing(self) -> Listing:
        """Rules of ``symbol``."""

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""

    def require(self, way: Way) -> None:
        """Raise Beyond unless the venue does this, so that the example makes sense there."""

    def now(self) -> Millis:
        """The venue's time."""

    def play(self, story: str, *, symbol: Symbol = "", seed: int | None = None) -> Performance:
        """Begin a market story, such as ``"flash-crash"``, in ``symbol`` (default: the story's).

        Its actors are further participants in the same book; it goes on beside the case. ``seed``
        defaults to the world's. Raises Beyond at a venue that is not ours.
        """

    def reference_price(self, symbol: Symbol = "") -> Decimal:
        """A legal price near mark."""

    def price(self, ticks_away: int, side: Side, symbol: Symbol = "") -> Decimal:
        """A legal price: ``ticks_away`` ticks behind the reference (a buy lower, a sell higher);
        below zero crosses it.
        """

    def quantity(self, lots: int = 0, symbol: Symbol = "") -> Decimal:
        """A legal quantity: ``lots`` steps above the least that satisfies all filters."""

    def client_id(self, label: str = "") -> str:
        """A legal client order id, unique in this world, that names the case."""

    def request(
        self,
        side: Side = Side.BUY,
        *,
        ticks_away: int = 200,
        lots: int = 0,
        symbol: Symbol = "",
        client_id: str = "",
        position_side: PositionSide = PositionSide.NET,
    ) -> OrderRequest:
        """A legal resting limit order with a fresh client id."""

    async def until(
        self, condition: Callable[[], object], *, within_ms: int = 5_000, what: str = ""
    ) -> None:
        """Wait until ``condition()`` is true; raise Finding naming ``what`` when it is not in time.

        Time is the testee's: in virtual time a long wait costs nothing.
        """

    async def quiet(self, for_ms: int = 100) -> None:
        """Let ``for_ms`` pass, so that everything under way arrives."""

    async def restart(self, adapter: Adapter) -> Adapter:
        """Kill the adapter without goodbye and start a new one for the same account."""

    def enrol(self, kind: str) -> Credentials:
        """Let a key of this kind open the account as well, and return it.

        Raises Beyond where the venue knows no such kind, or nobody can make a key.
        """

    async def sibling(self, credentials: Credentials | None = None) -> Adapter:
        """Start one more adapter for the same account, as another process at this address.

        ``credentials``: with a key of its own, else with the testee's.
        """
