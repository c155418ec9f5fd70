"""The troubles that a tap can cause; implements the Faults contract as far as it goes."""

from __future__ import annotations

from conformance.errors import Beyond
from conformance.gateway import faults as gateway
from conformance.gateway.plan import Armed


class Faults(gateway.Faults):
    """Everything on the way to the venue; nothing inside it."""

    def lag_reads(self, lag_ms: int) -> Armed:
        """Raise Beyond: the past of somebody else's venue cannot be asked."""
        del lag_ms
        raise Beyond("the venue's answers cannot be taken from its past")

    def expire_stream_key(self) -> Armed:
        """Raise Beyond: a stream key ends when the venue wants it to."""
        raise Beyond("the venue's stream keys cannot be made to expire")

    def step_clock(self, offset_ms: int) -> Armed:
        """Raise Beyond: the clock is the venue's own."""
        del offset_ms
        raise Beyond("the venue's clock cannot be moved")

    def drift_clock(self, ppm: int) -> Armed:
        """Raise Beyond: the clock is the venue's own."""
        del ppm
        raise Beyond("the venue's clock cannot be made to drift")

    def step_wall_clock(self, offset_ms: int) -> Armed:
        """Raise Beyond: stepping one clock would step them all."""
        del offset_ms
        raise Beyond("the testee's clock cannot be moved")

    def suspend(self, for_ms: int) -> Armed:
        """Raise Beyond: the testee is no part of the tap."""
        del for_ms
        raise Beyond("the testee cannot be suspended")

    def revoke_key(self) -> Armed:
        """Raise Beyond: keys are revoked by their owner."""
        raise Beyond("the venue's keys cannot be revoked")
