"""The stand-alone simulator: a venue that runs until it is told to stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.gateway.opening import Opening
from conformance.gateway.transcript import Transcript
from conformance.model.ids import Symbol
from conformance.scenarios import Story
from conformance.sim.makers import Makers
from conformance.sim.market import TESTEE, Market
from conformance.sim.performance import Performance
from conformance.sim.rehearsal import listing_for
from conformance.sim.shell import HOST, Shell
from conformance.sim.truth import Truth

RECORDS_KEPT = 10_000
"""Records of a kind that the transcript holds: memory stays flat however long it runs."""


class Simulator(Opening):
    """A venue with living books and one funded account that every kind of key opens.

    With a ``story`` its actors are the other participants, from the start on, in ``symbol`` or
    where the story belongs; when it has ended, its books stay as they are.
    ``lag_ms``: how long a frame takes from its cause, an answer to a message included.
    Raises UsageError when there is no such symbol; ``start`` raises WorldError when the port is
    taken. Nothing is printed here.
    """

    def __init__(
        self,
        venue: Venue,
        *,
        seed: int = 0,
        tls: bool = False,
        host: str = HOST,
        port: int = 0,
        switches: Mapping[str, Any] | None = None,
        lively: bool = True,
        lag_ms: int = 0,
        story: Story | None = None,
        symbol: Symbol = "",
    ) -> None:
        self.endpoints: Endpoints
        self.credentials: Sequence[Credentials] = tuple(
            venue.credentials(kind, seed) for kind in venue.key_kinds
        )
        """One key of each kind, the usual kind first; all open the same account."""
        self._shell = Shell(venue, switches or {}, ring=RECORDS_KEPT, lag_ms=lag_ms)
        self._tls = tls
        self._host = host
        self._port = port
        usual = venue.listings[0].symbol
        self._market = Market(
            self._shell.core,
            self._shell.command,
            Truth(self._shell.core, TESTEE, usual, self._shell.half),
            symbol=usual,
            settle_asset=venue.settle_asset,
        )
        self._makers = (
            Makers(self._shell, self._market, seed=seed) if lively and not story else None
        )
        self._story = story
        self._seed = seed
        self._symbol = listing_for(story, venue.listings, symbol).symbol if story else ""
        self._performance: Performance | None = None

    @property
    def performance(self) -> Performance | None:
        """The story under way, once started with one."""
        return self._performance

    @property
    def transcript(self) -> Transcript:
        """The newest records of what went over the wire."""
        return self._shell.transcript

    async def start(self) -> Endpoints:
        """Open the account and the books, and listen."""
        self._shell.fund(TESTEE)
        for credentials in self.credentials:
            self._shell.add_account(TESTEE, credentials)
        self.endpoints = await self._shell.start(host=self._host, port=self._port, tls=self._tls)
        if self._makers is not None:
            self._makers.start()
        if self._story is not None:
            self._performance = Performance(
                self._story, self._shell, seed=self._seed, symbol=self._symbol
            )
        return self.endpoints

    async def stop(self) -> None:
        """Close everything; raise InvariantBroken when our own house is not in order."""
        if self._makers is not None:
            self._makers.stop()
        if self._performance is not None:
            self._performance.stop()
        await self._shell.stop()
        self._shell.check()
