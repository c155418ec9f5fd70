"""Troubles on the way to a venue and in its words: most of the Faults contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol, runtime_checkable

from conformance.contracts.dialect import ErrorRow, ServerHalf
from conformance.contracts.faults import Flaw
from conformance.errors import Beyond, WorldError
from conformance.gateway.door import Door, Port
from conformance.gateway.faults_pushes import PushFaults
from conformance.gateway.faults_requests import RequestFaults
from conformance.gateway.pace import Pace
from conformance.gateway.plan import FOREVER, Armed, Declining
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel


@runtime_checkable
class Resolving(Protocol):
    """A loop whose connections can be kept from finding their host."""

    lookups: list[Callable[[object], bool]]
    """Asked with the address of every new connection whether its host cannot be found."""


class Faults(RequestFaults, PushFaults):
    """Arms faults and keeps them all in ``planned``, in the order of arming.

    What takes a hand on the venue itself (its clock, its keys, its past) its heirs add. ``seed``
    governs jitter.
    """

    def __init__(
        self,
        half: ServerHalf,
        door: Door,
        streams: Streams,
        transcript: Transcript,
        errors: Sequence[ErrorRow],
        *,
        seed: int = 0,
    ) -> None:
        # One generator each: how many frames there are must not bend the answers' jitter.
        answers, pushes = (Random(f"{seed} {what}") for what in ("answers", "pushes"))  # noqa: S311
        RequestFaults.__init__(self, half, door, errors, answers)
        PushFaults.__init__(self, streams, transcript, pushes)

    def refuse_connections(self, *, times: int = 1) -> Armed:
        """Reset new connections (HTTP and WebSocket) before a byte is read."""
        fault = Armed("refuse_connections", times)
        self.planned.append(fault)
        self._door.refusals.append(fault)
        return fault

    def hang_connections(self, *, times: int = 1) -> Armed:
        """Take new connections and never read nor say a byte on them."""
        fault = Armed("hang_connections", times)
        self.planned.append(fault)
        self._door.hangs.append(fault)
        return fault

    def decline_streams(self, status: int, *, times: int = 1) -> Armed:
        """Answer handshakes with an HTTP status and a web page in the place of a stream."""
        fault = Declining("decline_streams", times, status=status)
        self.planned.append(fault)
        self._door.declines.append(fault)
        return fault

    def lose_name(self, *, times: int = 1) -> Armed:
        """Let new connections fail as where the host's name is not found.

        Raises Beyond outside virtual time.
        """
        loop = asyncio.get_running_loop()
        if not isinstance(loop, Resolving):
            raise Beyond("what resolves names for the testee is not ours")
        fault = Armed("lose_name", times)
        place = self._port().place
        loop.lookups.append(lambda address: address == place and fault.strikes())
        self.planned.append(fault)
        return fault

    def close_port(self) -> Armed:
        """Let the host refuse new connections, as with nobody behind the port."""
        port = self._port()
        port.shut()
        return self._done("close_port", port.reopen)

    def spoil_certificate(self, flaw: Flaw) -> Armed:
        """Show a flawed certificate to new connections; raise WorldError without TLS."""
        fault = Armed("spoil_certificate", FOREVER)
        self._port().spoil(fault, flaw)
        self.planned.append(fault)
        return fault

    def close_streams(self, code: int = 1000, *, private: bool | None = None) -> Armed:
        """Close the open streams now; 1006 cuts them without a close frame."""
        return self._at_once("close_streams", lambda channel: channel.close(code), private=private)

    def silence_streams(self, *, private: bool | None = None) -> Armed:
        """Let the open streams go half-open now: no data, no pongs, no close."""

        def silence(channel: Channel) -> None:
            channel.silent = True
            self._transcript.silenced(channel.record)

        return self._at_once("silence_streams", silence, private=private)

    def ignore_pings(self, *, private: bool | None = None) -> Armed:
        """Let the open streams answer no ping any more, while data goes on."""

        def deafen(channel: Channel) -> None:
            channel.deaf = True

        def heal(channel: Channel) -> None:
            channel.deaf = False

        return self._at_once("ignore_pings", deafen, heal, private=private)

    def slow_streams(self, size: int, every_ms: int, *, private: bool | None = None) -> Armed:
        """Let the open streams' bytes leave in pieces of ``size``, one ``every_ms``."""
        pace = Pace(size, every_ms)
        return self._at_once(
            "slow_streams",
            lambda channel: channel.slow(pace),
            lambda channel: channel.slow(None),
            private=private,
        )

    def seal(self) -> Armed:
        """Reset every new connection until withdrawn; not one of a case's planned faults."""
        fault = Armed("seal", FOREVER)
        self._door.refusals.append(fault)
        return fault

    def _port(self) -> Port:
        if self._door.port is None:
            raise WorldError("the world has no port yet", hint="arm the fault inside the world")
        return self._door.port

    def _done(self, name: str, undo: Callable[[], object] | None = None) -> Armed:
        fault = Armed(name, delivered=1, undo=undo)
        self.planned.append(fault)
        return fault

    def _at_once(
        self,
        name: str,
        act: Callable[[Channel], None],
        heal: Callable[[Channel], None] | None = None,
        *,
        private: bool | None,
    ) -> Armed:
        """Do something to the open streams now; ``heal`` undoes it on those still open."""
        fault = Armed(name, FOREVER)
        self.planned.append(fault)
        struck = []
        for channel in list(self._streams.channels.values()):
            if channel.silent or (private is not None and channel.record.private is not private):
                continue
            fault.delivered += 1
            struck.append(channel)
            act(channel)
        if heal is not None:
            fault.undo = lambda: [heal(channel) for channel in struck if channel.open]
        return fault
