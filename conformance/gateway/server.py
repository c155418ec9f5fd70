"""The listening socket: REST and streams on one port, plain or TLS."""

from __future__ import annotations

import asyncio
import errno
import ssl
from typing import cast

from conformance.errors import WorldError
from conformance.gateway.door import Door, reset
from conformance.gateway.http import Connection

BACKLOG = 1024


class Server:
    """Listens on loopback and gives every connection to the door."""

    def __init__(self, door: Door, context: ssl.SSLContext | None) -> None:
        self._door = door
        self._context = context
        self._server: asyncio.Server | None = None
        self.handshakes: set[asyncio.Task[None]] = set()
        """Handshakes under way."""

    async def listen(self, host: str, port: int) -> int:
        """Listen and return the port; raise WorldError when the port is taken."""
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
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Stop to listen and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in self.handshakes:
            task.cancel()
        await asyncio.gather(*self.handshakes, return_exceptions=True)
        await self._door.close()
        if self._server is not None:
            await self._server.wait_closed()

    def _protocol(self) -> asyncio.BaseProtocol:
        if self._context is None:
            return Connection(self._door, secure=False)
        return Gate(self)

    def secure(self, transport: asyncio.Transport, gate: Gate) -> None:
        """Begin the TLS handshake of a new connection, unless it is to be reset first."""
        if self._door.refuses():
            reset(transport)
            return
        self._begin(transport, gate, cast("ssl.SSLContext", self._context))

    def tunnel(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        """Begin a TLS handshake inside a connection that was plain so far."""
        gate = Gate(self)
        transport.set_protocol(gate)
        self._begin(transport, gate, context)

    def _begin(self, transport: asyncio.Transport, gate: Gate, context: ssl.SSLContext) -> None:
        task = asyncio.get_running_loop().create_task(self._handshake(transport, gate, context))
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
