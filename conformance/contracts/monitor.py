"""What a monitor is given: a reader of the venue's wire, and the scene of the case at hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.model.study import Carried, Customs, Interest, Study, Told
from conformance.model.wire import Frame, RoundTrip, Stream, StreamId, WireRequest


class Interpreter(Protocol):
    """Reads a venue's wire for those who watch it. Pure; never raises, whatever the bytes."""

    customs: Customs

    def study(self, request: WireRequest) -> Study:
        """Take a request apart."""

    def told(self, trip: RoundTrip) -> Told:
        """Say what the answer of a round trip means."""

    def carried(self, frame: Frame) -> Carried:
        """Say what a pushed frame is about."""

    def interests(self, stream: Stream) -> Collection[Interest]:
        """Return what a handshake subscribes to."""

    def wishes(self, payload: bytes) -> tuple[Collection[Interest], Collection[Interest]]:
        """Return what a message of the testee subscribes to, and what it gives up."""


class Scene(Protocol):
    """What holds in the world of the case at hand, at the present moment.

    Instants are monotonic: steps of the venue's clock, or of the testee's, do not reach them.
    """

    customs: Customs
    credentials: Credentials
    endpoints: Endpoints
    limits: Mapping[str, tuple[int, int]]
    """Published pools: name to (units, window in ms)."""
    listings: Mapping[Symbol, Listing]
    now_ms: Millis
    """The instant of the record at hand."""
    woken_ms: Millis
    """When the testee last had its first turn after a suspension."""
    offset_ms: int
    """How far the venue's clock is ahead of the testee's."""
    testees: int
    """How many adapters are alive; those that share an address do not know of each other."""

    @property
    def key_in_force(self) -> bool:
        """False once the world has revoked the testee's key."""

    @property
    def refusing(self) -> bool:
        """True while the world refuses new connections, or shows them a flawed certificate."""

    def half_open(self, stream: StreamId) -> bool:
        """Say whether the world lets a stream hang: nothing is sent on it, and nothing heard."""

    def carries_calls(self, stream: StreamId) -> bool:
        """Say whether a stream is one by which calls are made, with keys and limits of its own."""

    def interests(self, stream: StreamId) -> Collection[Interest]:
        """Return what an open stream is subscribed to."""

    def streams(self) -> Collection[Stream]:
        """Return the open streams, oldest first."""

    def at(self, instant_ms: Millis, look: Callable[[], None]) -> None:
        """Call ``look`` once the instant has come, if the case lasts that long.

        Time in which the testee was suspended does not count: it comes on top.
        """

    def broken(self, rule: str, expected: str, observed: str) -> None:
        """Take note that a rule was broken."""
