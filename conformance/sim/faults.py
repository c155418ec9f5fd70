"""All troubles a case may arm at a simulated venue; implements the Faults contract."""

from __future__ import annotations

from conformance.contracts.adapter import Credentials
from conformance.gateway import faults as gateway
from conformance.gateway.plan import FOREVER, Armed, Plan, RequestFault
from conformance.model.ids import AccountId
from conformance.sim.past import QUERIES
from conformance.sim.shell import Shell


class Faults(gateway.Faults):
    """Adds what takes a hand on the venue itself."""

    def __init__(self, shell: Shell, account: AccountId, credentials: Credentials) -> None:
        super().__init__(shell.half, shell.desk, shell.hub, shell.transcript, shell.venue.errors)
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

    def revoke_key(self) -> Armed:
        """Make the testee's key invalid from now on."""
        self._half.revoke_key(self._credentials.key)
        return self._done(
            "revoke_key", lambda: self._half.add_key(self._credentials, self._account)
        )

    def _set_offset(self, offset_ms: int) -> None:
        self._shell.clock.offset_ms = offset_ms
        self._shell.hub.reset_clock()
