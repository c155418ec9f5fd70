"""The tap: everything between a client and a venue that is not ours to change."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import ServerHalf, Venue
from conformance.errors import ConformanceError, InvariantBroken, WorldError
from conformance.exchange import Engine
from conformance.gateway import tls as certificates
from conformance.gateway.clock import Clock
from conformance.gateway.opening import Opening
from conformance.gateway.server import Server
from conformance.gateway.transcript import Transcript
from conformance.guard import permit
from conformance.tap.desk import Desk
from conformance.tap.faults import Faults
from conformance.tap.hub import Hub
from conformance.tap.tunnel import Tunnel
from conformance.tap.upstream import Upstream

HOST = "127.0.0.1"
READER = "testee"
"""The account under which signatures are read; nothing is traded on it."""


class Tap(Opening):
    """A reverse proxy, and an HTTP proxy for CONNECT, before the venue at ``behind``.

    Every target is judged before a byte leaves: raises HostRefused for what is neither loopback
    nor a test network of the venue. ``transcript``: where to record, such as ``tape.Taped``;
    ``clock``: by which to stamp, where the venue's own is at hand.
    """

    def __init__(
        self,
        venue: Venue,
        behind: Endpoints,
        credentials: Credentials | None = None,
        *,
        tls: bool = False,
        host: str = HOST,
        port: int = 0,
        transcript: Transcript | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.endpoints: Endpoints
        self.venue = venue
        self.upstream = upstream(venue, behind)
        self.clock = clock or Clock()
        self.transcript = transcript or Transcript()
        self.sight: ServerHalf = venue.server(Engine(venue.listings), {})
        """Reads what passes by; it is never asked for an answer."""
        if credentials is not None:
            self.sight.add_key(credentials, READER)
        hosts = venue.facts.get("hosts", {})
        self._tunnel = Tunnel(
            hosts.get("production", ()),
            hosts.get("testnet", ()),
            simulated=self.upstream.loopback,
        )
        self.hub = Hub(self.sight, self.upstream, self.clock, self.transcript)
        self.desk = Desk(
            self.sight, self.upstream, self.clock, self.transcript, self.hub, self._tunnel
        )
        self.faults = Faults(self.sight, self.desk, self.hub, self.transcript, venue.errors)
        self._listen = (host, port)
        self._secure = tls
        self._tls: certificates.Tls | None = None
        self._server: Server | None = None

    @property
    def ca_file(self) -> str:
        """PEM file of the authority that vouches for the venue's names inside CONNECT."""
        if self._tls is None:
            raise WorldError("the tap does not listen yet", hint="start it first")
        return self._tls.ca_file

    @property
    def proxy(self) -> str:
        """What a client takes for its HTTPS proxy."""
        return self.endpoints.rest

    async def start(self) -> Endpoints:
        """Listen and return where; raise WorldError when the port is taken."""
        self._tls = certificates.issue(*self._tunnel.names)
        self._server = Server(self.desk, self._tls if self._secure else None)
        self._tunnel.begin(self._server, self._tls)
        try:
            await self._server.listen(*self._listen)
        except WorldError:
            await self.stop()
            raise
        self.endpoints = self._server.endpoints(self.venue)
        return self.endpoints

    async def stop(self) -> None:
        """Close every socket on either side."""
        self.hub.stop()
        if self._server is not None:
            await self._server.close()
        await self.hub.close()
        if self._tls is not None:
            self._tls.close()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the tap's own."""
        shaking = self._server is not None and task in self._server.handshakes
        return shaking or self.desk.owns(task) or self.hub.owns(task)

    def check(self) -> None:
        """Raise what went wrong inside, or that the venue behind cannot be reached."""
        if self.hub.failures:
            failure = self.hub.failures[0]
            if isinstance(failure, ConformanceError):
                raise failure
            raise InvariantBroken(f"the tap failed: {failure!r}") from failure


def upstream(venue: Venue, behind: Endpoints) -> Upstream:
    """Return where the venue is; raise HostRefused when it must not be talked to."""
    testnets = venue.facts.get("hosts", {}).get("testnet", ())
    rest, streams = (permit(url, testnets=testnets) for url in (behind.rest, behind.streams))
    context = None
    if rest.secure or streams.secure:
        context = ssl.create_default_context(cafile=behind.ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return Upstream(rest, streams, context)
