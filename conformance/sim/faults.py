"""All troubles a case may arm at a simulated venue; implements the Faults contract."""

from __future__ import annotations

import asyncio
from typing import Protocol, runtime_checkable

from conformance.contracts.adapter import Credentials
from conformance.errors import Beyond
from conformance.gateway import faults as gateway
from conformance.gateway.clock import NS_PER_MS
from conformance.gateway.plan import FOREVER, Armed, Plan, RequestFault
from conformance.model.ids import AccountId
from conformance.sim.past import QUERIES
from conformance.sim.shell import Shell


@runtime_checkable
class VirtualTime(Protocol):
    """A loop whose time can be moved."""

    epoch_ns: int
    """Wall-clock instant of its beginning."""

    def pass_by(self, delay_ns: int) -> None:
        """Let time pass."""


class Faults(gateway.Faults):
    """Adds what takes a hand on the venue itself."""

    def __init__(
        self, shell: Shell, account: AccountId, credentials: Credentials, *, seed: int = 0
    ) -> None:
        super().__init__(
            shell.half, shell.desk, shell.hub, shell.transcript, shell.venue.errors, seed=seed
        )
        self._shell = shell
        self._account = account
        self._credentials = credentials

    def lag_reads(self, lag_ms: int) -> Armed:
        """Let queries see the venue as it was ``lag_ms`` ago, until withdrawn."""

        def shape(plan: Plan) -> None:
            plan.executed = False
            plan.substitute = lambda request, at: self._shell.past.answer(request, at, lag_ms)

        fault = RequestFault("lag_reads", FOREVER, on=QUERIES, shape=shape, final=True)
        return self._arm(fault)

    def expire_stream_key(self) -> Armed:
        """End the user-stream session as the venue does when it was not kept alive."""
        self._shell.expire_stream_key(self._account)
        return self._done("expire_stream_key")

    def step_clock(self, offset_ms: int) -> Armed:
        """Let the venue's clock be ``offset_ms`` ahead of (below zero: behind) the testee's."""
        self._set_offset(offset_ms)
        return self._done("step_clock", lambda: self._set_offset(0))

    def drift_clock(self, ppm: int) -> Armed:
        """Let the venue's clock run ``ppm`` millionths faster from now on."""
        self._drift(ppm)
        return self._done("drift_clock", lambda: self._drift(0))

    def step_wall_clock(self, offset_ms: int) -> Armed:
        """Step the testee's own wall clock; its monotonic one and the venue's go on unmoved.

        Raises Beyond outside virtual time.
        """
        loop = _virtual()
        self._step_wall(loop, offset_ms)
        return self._done("step_wall_clock", lambda: self._step_wall(loop, -offset_ms))

    def suspend(self, for_ms: int) -> Armed:
        """Let time pass now in which the testee gets no turn; raise Beyond outside virtual time."""
        _virtual().pass_by(for_ms * NS_PER_MS)
        fault = self._done("suspend")
        fault.lost_ms = for_ms
        return fault

    def revoke_key(self) -> Armed:
        """Make the testee's key invalid from now on."""
        self._half.revoke_key(self._credentials.key)
        return self._done(
            "revoke_key", lambda: self._half.add_key(self._credentials, self._account)
        )

    def _drift(self, ppm: int) -> None:
        self._shell.clock.drift(ppm)
        self._shell.hub.reset_clock()

    def _step_wall(self, loop: VirtualTime, offset_ms: int) -> None:
        loop.epoch_ns += offset_ms * NS_PER_MS
        self._shell.clock.offset_ms -= offset_ms

    def _set_offset(self, offset_ms: int) -> None:
        self._shell.clock.offset_ms = offset_ms
        self._shell.hub.reset_clock()


def _virtual() -> VirtualTime:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualTime):
        raise Beyond("the time of this machine cannot be moved")
    return loop
