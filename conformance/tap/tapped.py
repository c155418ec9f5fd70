"""A world seen through the tap: the venue stays what it is, the way to it is ours."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from conformance.contracts import world as contracts
from conformance.contracts.adapter import Credentials
from conformance.contracts.dialect import Venue
from conformance.gateway.ground import Ground
from conformance.gateway.plan import Armed
from conformance.guard import permit
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.tap.faults import Faults
from conformance.tap.recorded import Recordable
from conformance.tap.tap import READER, Tap


class Tapped(Recordable):
    """``async with Tapped(inner, venue) as world``: the testee is given the tap's endpoints."""

    def __init__(self, inner: Ground, venue: Venue) -> None:
        super().__init__(venue, inner.credentials, seed=inner.seed, case_id=inner.case_id)
        self.tap: Tap
        self._inner = inner

    async def open(self) -> None:
        """Open the world behind, and listen before it."""
        await self._inner.open()
        self.tap = Tap(
            self._venue,
            self._inner.endpoints,
            self.credentials,
            tls=permit(self._inner.endpoints.rest).secure,
            transcript=self.recorder,
            clock=self._inner.clock,
        )
        self.truth, self.market = self._inner.truth, self._inner.market
        self.wire = self.tap.transcript
        self.faults: Any = _Faults(self.tap, self._inner.faults)
        self.endpoints = await self.tap.start()

    async def close(self, *, failed: bool) -> None:
        """Close before and behind; raise what went wrong inside."""
        await self.tap.stop()
        await self._inner.close(failed=failed)
        self.tap.check()

    @property
    def front(self) -> Tap:
        """What stands before the venue."""
        return self.tap

    def check(self) -> None:
        """Raise what went wrong inside our own house."""
        self._inner.check()
        self.tap.check()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the world's own."""
        return self.tap.owns(task) or self._inner.owns(task)

    def play(
        self, story: str, *, symbol: Symbol = "", seed: int | None = None
    ) -> contracts.Performance:
        """Begin a market story at the venue behind the tap."""
        return self._inner.play(story, symbol=symbol, seed=seed)

    def enrol(self, kind: str) -> Credentials:
        """Let a key of this kind open the testee's account as well, and return it."""
        credentials = self._inner.enrol(kind)
        self.tap.sight.add_key(credentials, READER)
        return credentials

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""
        return self._inner.listing_of(symbol)

    def mark(self, symbol: Symbol) -> Decimal:
        """Return the mark price."""
        return self._inner.mark(symbol)

    def now(self) -> Millis:
        """Return the venue's time."""
        return self._inner.now()


class _Faults(Faults):
    """The tap's own troubles, and the venue's where it is under control."""

    def __init__(self, tap: Tap, inside: Any) -> None:  # noqa: ANN401 - has what we lack
        super().__init__(tap.sight, tap.desk, tap.hub, tap.transcript, tap.venue.errors)
        self._inside = inside

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        if name.startswith("_"):
            raise AttributeError(name)
        trouble = getattr(self._inside, name)

        def arm(*args: object, **named: object) -> Armed:
            fault: Armed = trouble(*args, **named)
            self.planned.append(fault)
            return fault

        return arm
