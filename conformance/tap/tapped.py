"""A world seen through the tap: the venue stays what it is, the way to it is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from types import TracebackType
from typing import Any, Protocol, Self

from conformance.contracts import world as contracts
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.gateway.door import Door
from conformance.gateway.ground import Ground
from conformance.gateway.plan import Armed
from conformance.gateway.transcript import Transcript
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.tap.faults import Faults
from conformance.tap.tap import Tap


class Inner(Protocol):
    """The world behind the tap; one with a venue under control."""

    seed: int
    case_id: str
    credentials: Credentials
    endpoints: Endpoints

    @property
    def truth(self) -> contracts.Truth:
        """What really is."""

    @property
    def market(self) -> contracts.Market:
        """The other participants."""

    @property
    def faults(self) -> Troubles:
        """Troubles inside the venue."""

    def listing_of(self, symbol: Symbol) -> Listing:
        """Rules of any symbol."""

    def mark(self, symbol: Symbol) -> Decimal:
        """Mark price."""

    def now(self) -> Millis:
        """Return the venue's time."""

    def check(self) -> None:
        """Raise what went wrong inside."""

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the world's own."""

    async def __aenter__(self) -> Self:
        """Open."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""


class Troubles(Protocol):
    """What only the venue itself can do to its clients."""

    def lag_reads(self, lag_ms: int) -> Armed:
        """Let queries see the past."""

    def expire_stream_key(self) -> Armed:
        """End the user-stream session."""

    def step_clock(self, offset_ms: int) -> Armed:
        """Move the venue's clock."""

    def drift_clock(self, ppm: int) -> Armed:
        """Let the venue's clock drift."""

    def step_wall_clock(self, offset_ms: int) -> Armed:
        """Step the testee's wall clock."""

    def suspend(self, for_ms: int) -> Armed:
        """Let time pass without a turn for the testee."""

    def revoke_key(self) -> Armed:
        """Make the testee's key invalid."""


class Tapped(Ground):
    """``async with Tapped(inner, venue) as world``: the testee is given the tap's endpoints."""

    def __init__(self, inner: Inner, venue: Venue) -> None:
        super().__init__(venue, inner.credentials, seed=inner.seed, case_id=inner.case_id)
        self.tap: Tap
        self.wire: Transcript
        self.recorder: Transcript | None = None
        """Where the wire is recorded; set before opening."""
        self._inner = inner

    async def __aenter__(self) -> Self:
        self._bystanders = asyncio.all_tasks()
        await self._inner.__aenter__()
        self.tap = Tap(
            self._venue, self._inner.endpoints, self.credentials, transcript=self.recorder
        )
        self.wire = self.tap.transcript
        self.faults = _Faults(self.tap, self._inner.faults)
        self.endpoints = await self.tap.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sibling in self._siblings:
            await sibling.stop()
        await self.tap.stop()
        await self._inner.__aexit__(kind, error, trace)
        self.tap.check()

    @property
    def truth(self) -> contracts.Truth:
        """What really is."""
        return self._inner.truth

    @property
    def market(self) -> contracts.Market:
        """The other participants."""
        return self._inner.market

    @property
    def door(self) -> Door:
        """Where the testee's connections come in."""
        return self.tap.desk

    def check(self) -> None:
        """Raise what went wrong inside our own house."""
        self._inner.check()
        self.tap.check()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the world's own."""
        return self.tap.owns(task) or self._inner.owns(task)

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

    def __init__(self, tap: Tap, inside: Troubles) -> None:
        super().__init__(tap.sight, tap.desk, tap.hub, tap.transcript, tap.venue.errors)
        self._tap = tap
        self._inside = inside

    def lag_reads(self, lag_ms: int) -> Armed:
        return self._planned(self._inside.lag_reads(lag_ms))

    def expire_stream_key(self) -> Armed:
        return self._planned(self._inside.expire_stream_key())

    def step_clock(self, offset_ms: int) -> Armed:
        fault = self._inside.step_clock(offset_ms)
        self._set_offset(offset_ms)
        fault.undo = _both(fault.undo, lambda: self._set_offset(0))
        return self._planned(fault)

    def drift_clock(self, ppm: int) -> Armed:
        self._tap.clock.drift(ppm)
        fault = self._inside.drift_clock(ppm)
        fault.undo = _both(fault.undo, lambda: self._tap.clock.drift(0))
        return self._planned(fault)

    def step_wall_clock(self, offset_ms: int) -> Armed:
        fault = self._inside.step_wall_clock(offset_ms)
        self._set_offset(self._tap.clock.offset_ms - offset_ms)
        fault.undo = _both(
            fault.undo, lambda: self._set_offset(self._tap.clock.offset_ms + offset_ms)
        )
        return self._planned(fault)

    def suspend(self, for_ms: int) -> Armed:
        return self._planned(self._inside.suspend(for_ms))

    def revoke_key(self) -> Armed:
        return self._planned(self._inside.revoke_key())

    def _planned(self, fault: Armed) -> Armed:
        self.planned.append(fault)
        return fault

    def _set_offset(self, offset_ms: int) -> None:
        self._tap.clock.offset_ms = offset_ms


def _both(first: Callable[[], object] | None, then: Callable[[], object]) -> Callable[[], object]:
    def undo() -> None:
        if first is not None:
            first()
        then()

    return undo
