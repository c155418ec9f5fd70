"""CONNECT: a client that believes to talk to the venue's own host talks to the tap.

The tap ends TLS for the venue's names with a certificate of its own authority. It never opens a
connection to the host that was asked for: what stands behind the tap is what answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from conformance.gateway.tls import Tls
from conformance.model.wire import WireReply

if TYPE_CHECKING:
    from conformance.gateway.server import Server

PORT = "443"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Tunnel:
    """Decides which names are served; ``production`` names only by a simulator."""

    def __init__(
        self, production: Collection[str], testnets: Collection[str], *, simulated: bool
    ) -> None:
        self.names = (*production, *testnets)
        """What the certificate must be valid for."""
        self._production = frozenset(production)
        self._testnets = frozenset(testnets)
        self._simulated = simulated
        self._server: Server | None = None
        self._tls: Tls | None = None

    def begin(self, server: Server, tls: Tls) -> None:
        """Make ready: handshakes are the server's affair."""
        self._server, self._tls = server, tls

    def open(self, transport: asyncio.Transport, authority: str) -> WireReply | None:
        """Begin TLS inside the connection, or return the refusal."""
        host, _, port = authority.lower().rpartition(":")
        host = host.removesuffix(".")
        reason = self._objection(host, port)
        if reason:
            return WireReply(
                403, f"the tap refuses {authority}: {reason}\n".encode(), (), "text/plain"
            )
        assert self._server is not None
        assert self._tls is not None
        transport.write(ESTABLISHED)
        self._server.tunnel(transport, self._tls.context)
        return None

    def _objection(self, host: str, port: str) -> str:
        if host not in self._production | self._testnets:
            return "it is no host of this venue"
        if port != PORT:
            return f"only port {PORT} is served"
        if host in self._production and not self._simulated:
            return "keys for production must not reach a test network"
        return ""
