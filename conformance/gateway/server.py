"""The listening socket: REST and streams on one port, plain or TLS."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import cast

from conformance.contracts.adapter import Endpoints
from conformance.contracts.dialect import Venue
from conformance.contracts.faults import Flaw
from conformance.errors import WorldError
from conformance.gateway.door import Door, reset
from conformance.gateway.http import Connection
from conformance.gateway.plan import Armed
from conformance.gateway.tls import Tls

BACKLOG = 1024


class Server:
    """Listens on loopback and gives every connection to the door."""

    def __init__(self, door: Door, tls: Tls | None) -> None:
        self._door = door
        self._tls = tls
        self._spoiled: list[tuple[Armed, ssl.SSLContext]] = []
        self._server: asyncio.Server | None = None
        self._hung: list[asyncio.Transport] = []
        self.place = ("", 0)
        self._held: socket.socket | None = None
        """Keeps the port ours while nobody listens on it."""
        door.port = self
        self.handshakes: set[asyncio.Task[None]] = set()
        """Handshakes under way, and the reopening of the port."""

    async def listen(self, host: str, port: int) -> None:
        """Listen at a ``place``, port 0 being any; raise WorldError when the port is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._protocol, host, port, backlog=BACKLOG)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            why = "is taken" if error.errno == errno.EADDRINUSE else "needs more rights"
            raise WorldError(
                f"port {port} of {host} {why}", hint="choose another --port, or 0 for any"
            ) from error
        self.place = (host, self._server.sockets[0].getsockname()[1])

    def endpoints(self, venue: Venue) -> Endpoints:
        """Return where a venue is reached through this socket."""
        secure, ca_file = ("s", self._tls.ca_file) if self._tls else ("", "")
        host, port = self.place
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return venue.endpoints(f"http{secure}://{where}", f"ws{secure}://{where}", ca_file)

    def shut(self) -> None:
        """Listen no more; who is inside stays."""
        if self._server is None or self._held is not None:
            return
        family = self._server.sockets[0].family
        self._server.close()
        self._server = None
        self._held = socket.socket(family, socket.SOCK_STREAM)
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(self.place)

    def reopen(self) -> None:
        """Listen again at the same place."""
        held, self._held = self._held, None
        if held is not None:
            self._keep(asyncio.get_running_loop().create_task(self._listen_again(held)))

    async def _listen_again(self, held: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, sock=held, backlog=BACKLOG)

    def spoil(self, fault: Armed, flaw: Flaw) -> None:
        """Show new connections a flawed certificate; raise WorldError without TLS."""
        if self._tls is None:
            raise WorldError("this world has no certificate to spoil", hint="open it with TLS")
        self._spoiled.append((fault, self._tls.flawed(flaw)))

    async def close(self) -> None:
        """Stop to listen and cut every connection."""
        if self._server is not None:
            self._server.close()
        for transport in self._hung:
            transport.abort()
        for task in self.handshakes:
            task.cancel()
        await asyncio.gather(*self.handshakes, return_exceptions=True)
        await self._door.close()
        if self._held is not None:
            self._held.close()
        if self._server is not None:
            await self._server.wait_closed()

    def _protocol(self) -> asyncio.BaseProtocol:
        if self._tls is None:
            return Connection(self._door, secure=False)
        return Gate(self)

    def secure(self, transport: asyncio.Transport, gate: Gate) -> None:
        """Begin the TLS handshake of a new connection, unless it is to be reset first."""
        if self._door.refuses():
            reset(transport)
            return
        if self._door.ignores():
            transport.pause_reading()
            self._hung.append(transport)
            return
        context = cast("Tls", self._tls).context
        for fault, spoiled in self._spoiled:
            if fault.strikes():
                context = spoiled
                break
        self._begin(transport, gate, context)

    def tunnel(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        """Begin a TLS handshake inside a connection that was plain so far."""
        gate = Gate(self)
        transport.set_protocol(gate)
        self._begin(transport, gate, context)

    def _begin(self, transport: asyncio.Transport, gate: Gate, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        self._keep(loop.create_task(self._handshake(transport, gate, context)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.handshakes.add(task)
        task.add_done_callback(self.handshakes.discard)

    async def _handshake(
        self, transport: asyncio.Transport, gate: Gate, context: ssl.SSLContext
    ) -> None:
        """Exchange the gate for a connection; a client that breaks off is no error of ours."""
        loop = asyncio.get_running_loop()
        connection = Connection(self._door, secure=True)
        try:
            inner = await loop.start_tls(transport, gate, context, server_side=True)
        except (OSError, asyncio.CancelledError):
            transport.abort()
            return
        if inner is not None:
            inner.set_protocol(connection)
            connection.connection_made(inner)
            gate.pass_on(connection)


class Gate(asyncio.Protocol):
    """Holds a raw connection until its TLS handshake is over, and what came right behind it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the raw connection over."""
        self._server.secure(cast("asyncio.Transport", transport), self)

    def data_received(self, data: bytes) -> None:
        """Keep what arrived before the connection was ready for it."""
        self._early.append(data)

    def pass_on(self, connection: Connection) -> None:
        """Give the connection what was kept."""
        if self._early:
            connection.data_received(b"".join(self._early))
