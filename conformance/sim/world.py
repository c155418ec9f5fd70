"""The simulated world of one case; implements the World contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from conformance import scenarios
from conformance.contracts.adapter import Credentials
from conformance.contracts.dialect import Venue
from conformance.errors import Beyond
from conformance.gateway.ground import Ground
from conformance.gateway.transcript import Transcript
from conformance.model.commands import Deposit
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.model.money import from_atoms, to_atoms
from conformance.sim.faults import Faults
from conformance.sim.market import TESTEE, Market
from conformance.sim.performance import Performance
from conformance.sim.shell import Shell
from conformance.sim.truth import Truth

DEPOSIT = Decimal(1_000_000)
"""What the testee owns of each margin asset at the beginning."""
PUSH_LAG_MS = 1
"""How long after its cause a push leaves: in virtual time, after the answer was read."""


class SimWorld(Ground):
    """One venue, one testee, one case: ``async with SimWorld(load("...")) as world``."""

    def __init__(
        self,
        venue: Venue,
        *,
        seed: int = 0,
        case_id: str = "",
        switches: Mapping[str, Any] | None = None,
        tls: bool = False,
        key_kind: str = "",
    ) -> None:
        credentials = venue.credentials(key_kind or venue.key_kinds[0], seed)
        super().__init__(venue, credentials, seed=seed, case_id=case_id)
        self.shell = Shell(venue, switches or {}, lag_ms=PUSH_LAG_MS, remember=True)
        self.wire: Transcript = self.shell.transcript
        self.truth = Truth(self.shell.core, TESTEE, self.symbol, self.shell.half)
        self.market = Market(
            self.shell.core,
            self.shell.command,
            self.truth,
            symbol=self.symbol,
            settle_asset=venue.settle_asset,
        )
        self.faults: Faults = Faults(self.shell, TESTEE, credentials, seed=seed)
        self._tls = tls
        self._performances: list[Performance] = []

    async def open(self) -> None:
        """Found the testee's account, and listen."""
        for asset in sorted({listing.margin_asset for listing in self._venue.listings}):
            self.shell.command(Deposit(TESTEE, asset, to_atoms(DEPOSIT)))
        self.shell.add_account(TESTEE, self.credentials)
        self.shell.past.begin()
        self.endpoints = await self.shell.start(tls=self._tls)

    async def close(self, *, failed: bool) -> None:
        """Break the stories off and close; raise what went wrong inside."""
        del failed
        for performance in self._performances:
            performance.stop()
        await self.shell.stop()
        self.shell.check()

    def enrol(self, kind: str) -> Credentials:
        """Let a key of this kind open the testee's account as well, and return it."""
        if kind not in self.key_kinds:
            raise Beyond(f"{self._venue.title} knows no {kind} keys")
        credentials = self._venue.credentials(kind, self.seed)
        self.shell.add_account(TESTEE, credentials)
        return credentials

    @property
    def front(self) -> Shell:
        """What stands before the venue."""
        return self.shell

    def play(self, story: str, *, symbol: Symbol = "", seed: int | None = None) -> Performance:
        """Begin a market story, by its name or the path of its file, beside the testee.

        Raises UsageError when there is none of that name, or Flawed.
        """
        performance = Performance(
            scenarios.load(story),
            self.shell,
            seed=self.seed if seed is None else seed,
            symbol=symbol,
        )
        self._performances.append(performance)
        return performance

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""
        return self.shell.core.listings[symbol or self.symbol]

    def mark(self, symbol: Symbol) -> Decimal:
        """Return the mark price."""
        return from_atoms(self.shell.core.mark(symbol))

    def now(self) -> Millis:
        """Return the venue's time."""
        return self.shell.clock.now()
