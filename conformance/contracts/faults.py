"""The vocabulary of troubles that a case may arm against an adapter."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeAlias, TypedDict, Unpack

from conformance.model.wire import Condition, Operation, Reading, Topic, WireReply

Requested: TypeAlias = Callable[[Reading], bool]
"""Picks requests by what the dialect reads in them."""
Pushed: TypeAlias = Callable[[bytes], bool]
"""Picks frames by their text."""


class Flaw(StrEnum):
    """What is wrong with a certificate, or with the way it is offered."""

    UNKNOWN_AUTHORITY = "unknown-authority"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_NAME = "wrong-name"
    OLD_PROTOCOL = "old-protocol"
    """A right certificate, but nothing newer than TLS 1.1."""


class Planned(Protocol):
    """A fault that has been armed. A case whose faults were not delivered is *unreached*."""

    @property
    def delivered(self) -> int:
        """How often it has struck so far."""

    def withdraw(self) -> None:
        """Disarm it; what was delivered stays counted."""

    def optional(self) -> Planned:
        """Excuse it from having to strike, and return it: others carry the case's claim."""


class Aim(TypedDict, total=False):
    """Which of its candidates a fault strikes: the next one, unless it says otherwise."""

    times: int
    """How often it strikes before it is spent: once."""
    skip: int
    """How many candidates pass first: none."""


class RequestAim(Aim, total=False):
    """The aim of a fault whose candidates are requests."""

    where: Requested | None
    """Narrows the candidates further."""


class PushAim(Aim, total=False):
    """The aim of a fault whose candidates are frames."""

    where: Pushed | None
    """Narrows the candidates further."""


class Faults(Protocol):
    """Troubles of the venue and of the way to it, delivered at the moment that hurts.

    ``on`` picks requests by operation, ``topic`` picks frames by content, ``aim`` picks among
    those.
    """

    def lose_answer(
        self, on: Operation, *, executed: bool, reset: bool = False, **aim: Unpack[RequestAim]
    ) -> Planned:
        """Never answer and cut the connection; ``executed``: process the request first.

        ``reset``: cut by a reset (RST) instead of an orderly end.
        """

    def stall(self, on: Operation, *, executed: bool, **aim: Unpack[RequestAim]) -> Planned:
        """Never answer, keep the connection open."""

    def delay_answer(self, on: Operation, delay_ms: int, **aim: Unpack[RequestAim]) -> Planned:
        """Process at once, answer late."""

    def jitter_answer(
        self, on: Operation, jitter_ms_max: int, **aim: Unpack[RequestAim]
    ) -> Planned:
        """Process at once, answer up to ``jitter_ms_max`` late, as the world's seed has it."""

    def delay_request(self, on: Operation, delay_ms: int, **aim: Unpack[RequestAim]) -> Planned:
        """Let the request arrive late: the venue sees it only then."""

    def corrupt_request(self, on: Operation, **aim: Unpack[RequestAim]) -> Planned:
        """Let the last letter or digit of the body (or query) arrive as another one.

        The transcript keeps what was sent: the fault strikes on the way.
        """

    def answer(
        self,
        on: Operation,
        condition: Condition,
        *,
        executed: bool = False,
        retry_after_ms: int | None = None,
        text: str = "",
        **aim: Unpack[RequestAim],
    ) -> Planned:
        """Answer with a trouble in the venue's words; ``text`` replaces its message."""

    def answer_code(
        self, on: Operation, code: str, *, executed: bool = False, **aim: Unpack[RequestAim]
    ) -> Planned:
        """Answer with one row of ``world.errors``."""

    def answer_with(
        self, on: Operation, reply: WireReply, *, executed: bool = False, **aim: Unpack[RequestAim]
    ) -> Planned:
        """Answer with just this: any status, any fields, any body."""

    def rewrite_answer(
        self, on: Operation, rewrite: Callable[[WireReply], WireReply], **aim: Unpack[RequestAim]
    ) -> Planned:
        """Process the request and send what ``rewrite`` makes of its answer."""

    def slice_answer(
        self, on: Operation, size: int, every_ms: int, **aim: Unpack[RequestAim]
    ) -> Planned:
        """Send an answer in pieces of ``size`` bytes, one ``every_ms``."""

    def truncate_answer(self, on: Operation, missing: int, **aim: Unpack[RequestAim]) -> Planned:
        """Process the request; close the connection ``missing`` bytes before its answer's end."""

    def storm(
        self, condition: Condition, *, for_ms: int, retry_after_ms: int | None = None
    ) -> Planned:
        """Answer every request for a time with a trouble in the venue's words."""

    def refuse_connections(self, *, times: int = 1) -> Planned:
        """Reset new connections (HTTP and WebSocket) before a byte is read."""

    def hang_connections(self, *, times: int = 1) -> Planned:
        """Take new connections and never read nor say a byte on them."""

    def decline_streams(self, status: int, *, times: int = 1) -> Planned:
        """Answer handshakes with an HTTP status and a web page in the place of a stream."""

    def lose_name(self, *, times: int = 1) -> Planned:
        """Let new connections fail as where the host's name is not found (EAI_AGAIN).

        What a resolver says is of the testee's own process: raises Beyond outside virtual time.
        """

    def close_port(self) -> Planned:
        """Let the host refuse new connections, as with nobody behind the port; until withdrawn."""

    def spoil_certificate(self, flaw: Flaw) -> Planned:
        """Show a flawed certificate to new connections of a TLS world; until withdrawn."""

    def drop_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Planned:
        """Lose a frame on a healthy stream."""

    def duplicate_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Planned:
        """Send a frame twice."""

    def swap_pushes(self, topic: Topic, **aim: Unpack[PushAim]) -> Planned:
        """Send two neighbouring frames in the wrong order."""

    def delay_push(self, topic: Topic, delay_ms: int, **aim: Unpack[PushAim]) -> Planned:
        """Send frames late (order among them kept)."""

    def jitter_push(self, topic: Topic, jitter_ms_max: int, **aim: Unpack[PushAim]) -> Planned:
        """Send frames up to ``jitter_ms_max`` late, as the world's seed has it (order kept)."""

    def burst_pushes(self, topic: Topic, count: int, **aim: Unpack[PushAim]) -> Planned:
        """Hold frames back until there are ``count``, then send them in one piece."""

    def replace_push(self, topic: Topic, payload: bytes, **aim: Unpack[PushAim]) -> Planned:
        """Send these bytes in place of a frame."""

    def rewrite_push(
        self, topic: Topic, rewrite: Callable[[bytes], bytes], **aim: Unpack[PushAim]
    ) -> Planned:
        """Send what ``rewrite`` makes of a frame."""

    def fragment_push(self, topic: Topic, size: int, **aim: Unpack[PushAim]) -> Planned:
        """Send a message as fragments of ``size`` bytes with a ping amid them (RFC 6455, 5.4)."""

    def binary_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Planned:
        """Send a message as a binary instead of a text frame."""

    def truncate_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Planned:
        """Send half a frame and cut the stream."""

    def push_before_reply(self, on: Operation, **aim: Unpack[RequestAim]) -> Planned:
        """Send what a request causes on the streams before its answer (else: after it)."""

    def lag_reads(self, lag_ms: int) -> Planned:
        """Let queries see the venue as it was ``lag_ms`` ago, until withdrawn."""

    def mute(self, topic: Topic) -> Planned:
        """Send nothing on a topic any more, while pings are still answered; until withdrawn."""

    def close_streams(self, code: int = 1000, *, private: bool | None = None) -> Planned:
        """Close the open streams now; 1006 cuts them without a close frame."""

    def silence_streams(self, *, private: bool | None = None) -> Planned:
        """Let the open streams go half-open now: no data, no pongs, no close."""

    def ignore_pings(self, *, private: bool | None = None) -> Planned:
        """Let the open streams answer no ping any more, while data goes on; until withdrawn."""

    def slow_streams(self, size: int, every_ms: int, *, private: bool | None = None) -> Planned:
        """Let the open streams' bytes leave in pieces of ``size``, one ``every_ms``.

        Until withdrawn; where frames begin and end does not matter to the pieces.
        """

    def replay_pushes(self, topic: Topic, count: int) -> Planned:
        """Send the last ``count`` frames of a topic once more, now."""

    def expire_stream_key(self) -> Planned:
        """End the user-stream session as the venue does when it was not kept alive."""

    def step_clock(self, offset_ms: int) -> Planned:
        """Let the venue's clock be ``offset_ms`` ahead of (below zero: behind) the testee's."""

    def drift_clock(self, ppm: int) -> Planned:
        """Let the venue's clock run ``ppm`` millionths faster (below zero: slower) from now on."""

    def step_wall_clock(self, offset_ms: int) -> Planned:
        """Step the testee's own wall clock; its monotonic one and the venue's go on unmoved."""

    def suspend(self, for_ms: int) -> Planned:
        """Let time pass now in which the testee gets no turn, as a suspended process."""

    def revoke_key(self) -> Planned:
        """Make the testee's key invalid from now on."""
