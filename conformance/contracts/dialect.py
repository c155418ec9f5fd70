"""A venue's server half as pure protocol logic: bytes in, bytes out, told the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.core import Core
from conformance.contracts.monitor import Interpreter
from conformance.model.capabilities import Way
from conformance.model.commands import Command
from conformance.model.ids import AccountId, Millis
from conformance.model.instruments import Listing
from conformance.model.records import FillRecord, OrderRecord
from conformance.model.rules import Rules
from conformance.model.wire import (
    Condition,
    Headers,
    Operation,
    Push,
    Reading,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)


@dataclass(slots=True)
class Served:
    """A server half's answer to one request."""

    reply: WireReply
    reading: Reading
    pushes: Sequence[Push] = ()


@dataclass(slots=True)
class Opened:
    """A server half's answer to a WebSocket handshake."""

    accepted: bool
    private: bool = False
    """True when the stream may carry account events from its first moment on."""
    reply: WireReply | None = None
    """What to answer instead when it is not accepted."""
    pushes: Sequence[Push] = ()


@dataclass(slots=True)
class Received:
    """A server half's answer to one text frame of a client."""

    pushes: Sequence[Push] = ()
    close_code: int | None = None
    """Close the stream with this code after the pushes."""
    private: bool = False
    """True when the stream carries account events from now on."""


class Names(Protocol):
    """How a venue shows what the exchange core only numbers."""

    def order_id(self, order: OrderRecord) -> str:
        """Return the id of an order."""

    def trade_id(self, fill: FillRecord) -> str:
        """Return the id of an execution."""


class ServerHalf(Names, Protocol):
    """What the simulator's shell drives. Synchronous and pure but for the core it was given."""

    def add_key(self, credentials: Credentials, account: AccountId) -> None:
        """Make ``credentials`` valid for ``account``."""

    def revoke_key(self, key: str) -> None:
        """Make ``key`` invalid from now on."""

    def read(self, request: WireRequest, at: Millis) -> Reading:
        """Say what a request is about (signature verdict included) without executing it.

        Never raises, whatever the bytes.
        """

    def handle(self, request: WireRequest, at: Millis) -> Served:
        """Answer one request: check, apply, reply, and push what follows from it.

        Never raises for anything a client can send: that is a refusal in the venue's words.
        """

    def open(self, stream: StreamId, path: str, query: str, headers: Headers, at: Millis) -> Opened:
        """Answer a WebSocket handshake."""

    def receive(self, stream: StreamId, payload: bytes, at: Millis) -> Received:
        """Answer one text frame."""

    def close(self, stream: StreamId, at: Millis) -> None:
        """Forget a stream."""

    def command(self, command: Command, at: Millis) -> Sequence[Push]:
        """Apply a command from outside the wire (another participant) and push what follows.

        Raises ValueError when the core refuses it: the caller staged something impossible.
        """

    def due(self) -> Millis | None:
        """Return when something is to be pushed or to happen by itself next, or None."""

    def tick(self, at: Millis) -> Sequence[Push]:
        """Let happen what is due up to and including ``at``."""

    def refusal(
        self,
        condition: Condition,
        operation: Operation,
        at: Millis,
        *,
        retry_after_ms: int | None = None,
        text: str = "",
    ) -> WireReply:
        """Say a trouble in the venue's own words (status, headers, body).

        ``retry_after_ms``: the silence asked for, None for the usual; ``text`` replaces the
        message.
        """

    def documented(self, row: ErrorRow, text: str = "") -> WireReply:
        """Say one row of the error table; ``text`` replaces its message."""

    def expire_stream_key(self, account: AccountId, at: Millis) -> Sequence[Push]:
        """End the account's user-stream session as the venue does, where it has one."""

    def topic(self, text: bytes) -> Topic:
        """Say what a frame that the venue pushed is about, for whoever only looks on."""

    def private(self, path: str, query: str) -> bool:
        """Say whether a handshake asks for account events."""

    def code(self, reply: WireReply) -> str:
        """Return the venue's code of the refusal that an answer is, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One documented refusal: enough to provoke it and to judge the reaction."""

    code: str
    status: int
    text: str
    category: str
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One dialect, as its folder publishes it under the name ``VENUE``."""

    name: str
    title: str
    facts: Mapping[str, Any]
    """The parsed ``facts.toml``."""
    listings: Sequence[Listing]
    server: Callable[[Core, Mapping[str, Any]], ServerHalf]
    """Make the server half for a core; the mapping holds switches (``facts["switches"]``)."""
    client: Callable[[], Any]
    """Make the client half (``contracts.client.ClientHalf``)."""
    credentials: Callable[[str, int], Credentials]
    """Make obvious throw-away keys: (kind, number)."""
    endpoints: Callable[[str, str, str], Endpoints]
    """Make endpoints from (http base, ws base, ca file)."""
    key_kinds: Sequence[str]
    """Kinds of key the venue knows, the usual one first."""
    settle_asset: str
    """The asset in which the first listing keeps margin."""
    errors: Sequence[ErrorRow]
    """The documented error table."""
    rules: Rules = field(default_factory=Rules)
    """How the exchange enforces margin for this venue: ``Engine(venue.listings, venue.rules)``."""
    ways: frozenset[Way] = frozenset(Way)
    """What it does of that which venues do differently."""
    interpreter: Callable[[], Interpreter] | None = None
    """Make a reader of the wire; without one no monitor watches."""
