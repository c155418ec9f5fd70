"""What happens to one request between bytes in and bytes out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from struct import pack
from typing import Any

from conformance.contracts.dialect import ServerHalf
from conformance.model.ids import Millis
from conformance.model.wire import RoundTrip, WireReply, WireRequest
from conformance.sim import plan as plans
from conformance.sim.clock import Clock
from conformance.sim.http import Connection
from conformance.sim.hub import Hub
from conformance.sim.plan import PUSH_LEAD_MS, Armed, Fate, Plan, RequestFault
from conformance.sim.transcript import Transcript
from conformance.sim.ws import Channel

RESET = pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends a reset."""


class Desk:
    """Takes requests from connections to the server half, through the armed faults."""

    def __init__(self, half: ServerHalf, clock: Clock, transcript: Transcript, hub: Hub) -> None:
        self.faults: list[RequestFault] = []
        """Armed faults on requests."""
        self.refusals: list[Armed] = []
        """Armed faults on new connections."""
        self.failures = hub.failures
        """What went wrong inside our own house."""
        self.on_input: Callable[[str, Any, Millis], None] | None = None
        """Told of everything that goes into the server half."""
        self.live: set[object] = set()
        """Open connections, HTTP and WebSocket."""
        self.now = clock.now
        self.replied = transcript.answered
        self._half = half
        self._hub = hub
        self._transcript = transcript
        self._empty = asyncio.Event()
        hub.on_lost = self.lost

    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> tuple[WireReply, RoundTrip] | None:
        """Answer at once, or return None and answer, cut or stall the connection later."""
        try:
            at = self.now()
            hub = self._hub
            if hub.due is not None:
                hub.catch_up(at)
            if self.faults and self._strikes(request, at, pieces, connection):
                return None
            if self.on_input is not None:
                self.on_input("request", request, at)
            served = self._half.handle(request, at)
            trip = self._transcript.call(request, at, served.reading, pieces)
            trip.executed = True
            if served.pushes:
                hub.publish(served.pushes)
            hub.schedule()
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)
            return None
        return served.reply, trip

    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Make a WebSocket stream of a connection, or refuse."""
        try:
            opened = self._hub.open(request, connection.transport, rest)
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)
            return
        if isinstance(opened, Channel):
            self.live.discard(connection)
            self.live.add(opened)
        elif isinstance(opened, bytes):
            connection.transport.write(opened)
            connection.transport.close()
        else:
            reply = opened if isinstance(opened, WireReply) else WireReply(403, b"")
            connection.send_last(reply)

    def connected(self, connection: Connection) -> None:
        """Take note of a new connection, or reset it."""
        self.live.add(connection)
        self._empty.clear()
        if self.refuses():
            reset(connection.transport)

    def refuses(self) -> bool:
        """Say whether a new connection is to be reset; counts it."""
        return any(fault.strikes() for fault in self.refusals)

    def lost(self, connection: object) -> None:
        """Forget a connection."""
        self.live.discard(connection)
        if not self.live:
            self._empty.set()

    async def close(self) -> None:
        """Cut every connection and wait until all are gone."""
        self.cut()
        if self.live:
            await self._empty.wait()

    def cut(self) -> None:
        """Cut every connection."""
        for connection in list(self.live):
            if isinstance(connection, Connection | Channel):
                connection.cut()

    def _strikes(
        self,
        request: WireRequest,
        at: Millis,
        pieces: tuple[bytes, ...],
        connection: Connection,
    ) -> bool:
        """Say whether a fault takes the request out of the usual way, and let it."""
        reading = self._half.read(request, at)
        plan = plans.make(self.faults, reading)
        if plan is None:
            return False
        self._begin(plan, self._transcript.call(request, at, reading, pieces), connection)
        return True

    def _begin(self, plan: Plan, trip: RoundTrip, connection: Connection) -> None:
        if plan.request_delay_ms:
            self._later(plan.request_delay_ms, self._carry_out, plan, trip, connection)
        else:
            # Never inside the parser: an answer may have to follow at once.
            asyncio.get_running_loop().call_soon(
                self._guarded, self._carry_out, plan, trip, connection
            )

    def _carry_out(self, plan: Plan, trip: RoundTrip, connection: Connection) -> None:
        at = self.now()
        self._hub.catch_up(at)
        reply = self._execute(plan, trip, at)
        if plan.substitute is not None:
            reply = plan.substitute(trip.request, at)
            if plan.code:
                trip.reading = replace(trip.reading, code=plan.code)
        self._hub.schedule()
        if plan.fate is Fate.CUT:
            connection.cut()
        elif plan.fate is Fate.SENT and reply is not None:
            delay_ms = plan.answer_delay_ms
            if plan.push_first:
                self._hub.flush()
                delay_ms = max(delay_ms, PUSH_LEAD_MS)
            if delay_ms:
                self._later(delay_ms, self._answer, connection, reply, trip)
            else:
                self._answer(connection, reply, trip)

    def _execute(self, plan: Plan, trip: RoundTrip, at: Millis) -> WireReply | None:
        if not plan.executed:
            return None
        if self.on_input is not None:
            self.on_input("request", trip.request, at)
        served = self._half.handle(trip.request, at)
        trip.executed = True
        trip.reading = served.reading
        self._hub.publish(served.pushes)
        return served.reply

    def _answer(self, connection: Connection, reply: WireReply, trip: RoundTrip) -> None:
        if connection in self.live:
            connection.answer(reply, trip)

    def _later(self, delay_ms: int, action: Callable[..., None], *args: object) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(delay_ms / 1000, self._guarded, action, *args)

    def _guarded(self, action: Callable[..., None], *args: object) -> None:
        try:
            action(*args)
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self.failures.append(error)

    def _fail(self, error: Exception, connection: Connection) -> None:
        self.failures.append(error)
        connection.cut()


def reset(transport: asyncio.BaseTransport) -> None:
    """Close a connection with a reset instead of an orderly end."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
