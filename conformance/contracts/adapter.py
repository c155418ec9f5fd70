"""What the suites ask of a trading client.

An adapter declares ``capabilities``; it needs only the methods that those cover. Everything a
venue may answer comes back as an outcome; exceptions are for the adapter's own faults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

from conformance.model.capabilities import Capability
from conformance.model.funding import Funding, Payment
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Instrument
from conformance.model.orders import (
    Balance,
    Book,
    Fill,
    MarginMode,
    Order,
    OrderRequest,
    Position,
)
from conformance.model.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Credentials:
    """Throw-away keys of one account. Never printed: ``repr`` shows the kind only."""

    kind: str
    """hmac, rsa or ed25519."""
    key: str = field(repr=False)
    secret: str = field(repr=False)
    """The HMAC secret, or the private key as PEM."""
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the venue listens. URLs carry no trailing slash."""

    venue: str
    rest: str
    streams: str
    ca_file: str = ""
    """PEM file to trust, empty when the system's store is right."""
    extra: tuple[tuple[str, str], ...] = ()
    """Further base URLs by name, for example ``ws-api``."""


class Health(StrEnum):
    """What an adapter says about itself."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    """Trading is possible but something is not trustworthy (a stream is down, a gap is open)."""
    HALTED = "halted"
    """No new exposure will be sent."""
    STOPPED = "stopped"


class Adapter(Protocol):
    """The code under test. One object serves one account at one venue."""

    @property
    def capabilities(self) -> Collection[Capability]:
        """What this adapter offers."""

    @property
    def health(self) -> Health:
        """How it is doing, without waiting."""

    async def start(self) -> None:
        """Connect and synchronise; return when orders may be placed.

        Raises NotAuthorised, Banned or another AdapterError when that cannot be reached.
        """

    async def stop(self) -> None:
        """Close every connection and task; leaves orders alone. May be called twice."""

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        """Send one order. PLACE."""

    async def place_batch(self, requests: Sequence[OrderRequest]) -> Sequence[Outcome[Order]]:
        """Send several orders in one message; one outcome each, in order. BATCH."""

    async def cancel(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Cancel one order by either id. PLACE."""

    async def cancel_all(self, symbol: Symbol) -> Outcome[None]:
        """Cancel every resting order of the account in ``symbol``. CANCEL_ALL."""

    async def amend(
        self, symbol: Symbol, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        """Replace price and total quantity of a resting order. AMEND."""

    async def order(
        self, symbol: Symbol, *, client_id: str = "", venue_id: str = ""
    ) -> Outcome[Order]:
        """Ask the venue for one order. QUERY."""

    async def open_orders(self, symbol: Symbol) -> Outcome[Sequence[Order]]:
        """Ask the venue for all resting orders of the account. QUERY."""

    async def instruments(self) -> Outcome[Sequence[Instrument]]:
        """Ask the venue what can be traded. INSTRUMENTS."""

    async def balances(self) -> Outcome[Sequence[Balance]]:
        """Ask the venue for the account's money. BALANCES."""

    async def positions(self) -> Outcome[Sequence[Position]]:
        """Ask the venue for open legs; flat legs are left out. POSITIONS."""

    async def funding(self, symbol: Symbol) -> Outcome[Funding]:
        """Ask the venue what the next funding of a perpetual will be. FUNDING."""

    async def payments(self, symbol: Symbol, *, since_ms: Millis) -> Outcome[Sequence[Payment]]:
        """Ask for every funding payment since an instant, oldest first, however many. FUNDING."""

    async def set_leverage(self, symbol: Symbol, leverage: int) -> Outcome[int]:
        """Set a symbol's leverage; already having it is success. LEVERAGE."""

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> Outcome[None]:
        """Set a symbol's margin mode; already having it is success. MARGIN_MODE."""

    async def set_hedge_mode(self, hedge: bool) -> Outcome[None]:  # noqa: FBT001 - one claim
        """Set one-way or hedge mode; already having it is success. HEDGE_MODE."""

    async def watch_book(self, symbol: Symbol) -> None:
        """Keep a local book of ``symbol`` up to date until ``stop``. BOOK."""

    def book(self, symbol: Symbol) -> Book:
        """Return the local book; ``valid`` is False while it may be wrong. BOOK."""

    def orders(self) -> Sequence[Order]:
        """Return the latest known state of every order seen. USER_STREAM."""

    def fills(self) -> Sequence[Fill]:
        """Return every execution counted, each once, oldest first. USER_STREAM."""

    def updates(self) -> Sequence[Order]:
        """Return every order state published, in order. USER_STREAM."""

    def held(self) -> Sequence[Position]:
        """Return the legs as tracked by the adapter itself, without asking. USER_STREAM."""

    def now_ms(self) -> Millis:
        """Return the adapter's estimate of the server's time. CLOCK_SYNC."""


AdapterFactory: TypeAlias = Callable[[Endpoints, Credentials], Adapter]
"""How a testee is made: ``module:name`` of a callable (or class) of this shape."""
