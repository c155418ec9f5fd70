"""Everything between the sockets and the server half, put together for one venue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import ServerHalf, Venue
from conformance.errors import ConformanceError, InvariantBroken, WorldError
from conformance.exchange import Engine
from conformance.gateway import tls as certificates
from conformance.gateway.clock import Clock
from conformance.gateway.server import Server
from conformance.gateway.transcript import Transcript
from conformance.model.commands import Command, Deposit
from conformance.model.ids import AccountId
from conformance.model.money import to_atoms
from conformance.sim.desk import Desk
from conformance.sim.hub import Hub
from conformance.sim.market import FUNDS
from conformance.sim.past import Past

HOST = "127.0.0.1"


class Shell:
    """One exchange, its server half, and the sockets in front of them.

    ``ring``: how many records of a kind to keep (0: all, up to a bound); ``lag_ms``: how long
    after its cause a push leaves; ``remember``: keep all inputs, so that the past can be asked.
    """

    def __init__(
        self,
        venue: Venue,
        switches: Mapping[str, Any],
        *,
        ring: int = 0,
        lag_ms: int = 0,
        remember: bool = False,
    ) -> None:
        self.venue = venue
        self.switches = switches
        self.core = Engine(venue.listings, venue.rules)
        self.half: ServerHalf = venue.server(self.core, switches)
        self.clock = Clock()
        self.transcript = Transcript(ring=ring)
        streams = venue.facts.get("streams", {})
        self.hub = Hub(self.half, self.clock, self.transcript, streams, lag_ms=lag_ms)
        self.desk = Desk(self.half, self.clock, self.transcript, self.hub)
        self.past = Past(self._rebuild)
        self._keys: list[tuple[Credentials, AccountId]] = []
        self._tls: certificates.Tls | None = None
        self._server: Server | None = None
        if remember:
            self.hub.on_input = self.desk.on_input = self.past.remember

    async def start(self, *, host: str = HOST, port: int = 0, tls: bool = False) -> Endpoints:
        """Listen; raise WorldError when the port is taken."""
        self._tls = certificates.issue() if tls else None
        self._server = Server(self.desk, self._tls)
        try:
            await self._server.listen(host, port)
        except WorldError:
            await self.stop()
            raise
        return self._server.endpoints(self.venue)

    async def stop(self) -> None:
        """Close every socket and timer."""
        self.hub.stop()
        if self._server is not None:
            await self._server.close()
        self.hub.stop()
        if self._tls is not None:
            self._tls.close()

    def add_account(self, account: AccountId, credentials: Credentials) -> None:
        """Make a key valid for an account."""
        self._keys.append((credentials, account))
        self.half.add_key(credentials, account)

    def fund(self, account: AccountId) -> None:
        """Give an account plenty of every margin asset."""
        for asset in sorted({listing.margin_asset for listing in self.venue.listings}):
            self.command(Deposit(account, asset, to_atoms(FUNDS)))

    def command(self, command: Command) -> None:
        """Apply a command from outside the wire and push what follows."""
        at = self.clock.now()
        self.hub.catch_up(at)
        try:
            pushes = self.half.command(command, at)
        except ValueError as error:
            raise WorldError(
                f"the exchange refuses {command}: {error}", hint="the case stages the impossible"
            ) from error
        self.hub.on_input("command", command, at)
        self.hub.publish(pushes)
        self.hub.schedule()

    def expire_stream_key(self, account: AccountId) -> None:
        """End an account's user-stream session as the venue does."""
        at = self.clock.now()
        self.hub.on_input("expire", account, at)
        self.hub.publish(self.half.expire_stream_key(account, at))

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the shell's own."""
        return self._server is not None and task in self._server.handshakes

    def check(self) -> None:
        """Raise what went wrong inside; InvariantBroken when our own house is not in order."""
        if self.desk.failures:
            failure = self.desk.failures[0]
            if isinstance(failure, ConformanceError):
                raise failure
            raise InvariantBroken(f"the simulator failed: {failure!r}") from failure
        for asset in {listing.margin_asset for listing in self.venue.listings}:
            if (total := self.core.ledger_sum(asset)) != 0:
                raise InvariantBroken(f"the ledger of {asset} sums to {total} atoms")

    def _rebuild(self) -> ServerHalf:
        """Make a server half in the state of the beginning."""
        half = self.venue.server(Engine(self.venue.listings, self.venue.rules), self.switches)
        for credentials, account in self._keys:
            half.add_key(credentials, account)
        return half
