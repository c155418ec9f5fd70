"""Where connections come and go: who is inside, who is turned away, what struck a request."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from struct import pack
from typing import Protocol

from conformance.contracts.faults import Flaw
from conformance.gateway.http import Connection
from conformance.gateway.plan import Armed, Declining, Plan, RequestFault
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import RoundTrip, WireReply, WireRequest

RESET = pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends a reset."""
WEB_PAGE = b"<html><body><h1>The gateway is busy</h1></body></html>"
"""What a gateway in front of a venue says."""
PLAIN = Plan()
"""What happens to a request that no fault strikes."""


class Port(Protocol):
    """Where the door stands; there may be nobody behind it for a while."""

    place: tuple[str, int]
    """Host and port."""

    def shut(self) -> None:
        """Listen no more; who is inside stays."""

    def reopen(self) -> None:
        """Listen again at the same place."""

    def spoil(self, fault: Armed, flaw: Flaw) -> None:
        """Show new connections a flawed certificate; raise WorldError without TLS."""


class Door(ABC):
    """The connections of one venue; what happens to their requests is its heirs' affair."""

    tunnels = False

    def __init__(
        self, now: Callable[[], Millis], transcript: Transcript, failures: list[Exception]
    ) -> None:
        self.faults: list[RequestFault] = []
        """Armed faults on requests."""
        self.refusals: list[Armed] = []
        """Armed faults that reset new connections."""
        self.hangs: list[Armed] = []
        """Armed faults that leave new connections unread."""
        self.declines: list[Declining] = []
        """Armed faults that answer handshakes with a status."""
        self.port: Port | None = None
        self.failures = failures
        """What went wrong inside our own house."""
        self.live: set[object] = set()
        """Open connections, HTTP and WebSocket."""
        self.now = now
        self.replied = transcript.answered
        self._transcript = transcript
        self._empty = asyncio.Event()

    @abstractmethod
    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> tuple[WireReply, RoundTrip] | None:
        """Answer at once, or return None and answer, cut or stall the connection later."""

    @abstractmethod
    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Make something else of a connection, or refuse."""

    def connected(self, connection: Connection) -> None:
        """Take note of a new connection, or reset it."""
        self.live.add(connection)
        self._empty.clear()
        if self.refuses():
            reset(connection.transport)
        elif self.ignores():
            connection.transport.pause_reading()

    def refuses(self) -> bool:
        """Say whether a new connection is to be reset; counts it."""
        struck = any(fault.strikes() for fault in self.refusals)
        if struck:
            self._transcript.refused(self.now())
        return struck

    def ignores(self) -> bool:
        """Say whether a new connection is never to be read; counts it."""
        return any(fault.strikes() for fault in self.hangs)

    def declines_stream(self, connection: Connection, request: WireRequest) -> bool:
        """Say whether a handshake is to get no stream; answers it then."""
        fault = next((fault for fault in self.declines if fault.strikes()), None)
        if fault is None:
            return False
        reply = WireReply(fault.status, WEB_PAGE, content_type="text/html")
        self._transcript.declined(request, reply, self.now())
        connection.send_last(reply)
        return True

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

    def _answer(
        self, connection: Connection, reply: WireReply, trip: RoundTrip, plan: Plan = PLAIN
    ) -> None:
        if connection in self.live:
            connection.answer(reply, trip, plan.pace, plan.missing)

    def _cut(self, connection: Connection, plan: Plan) -> None:
        """End a connection in place of an answer."""
        if plan.reset:
            reset(connection.transport)
        else:
            connection.cut()

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
