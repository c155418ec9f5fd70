"""A key that is refused trades no more."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.categories import Category
from conformance.model.study import PLACING, Study, Told
from conformance.model.wire import RoundTrip

REFUSALS_MAX = 2
"""The first refusal, and one attempt to make sure of it."""


@monitor("MON-29", source="ERR-09, KEY-04")
class NoOrderWithARefusedKey(Rule):
    """After its key was revoked, and refused twice, an adapter sends no order any more."""

    requests_of = PLACING

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._refusals = 0

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - whatever it holds
        """Judge each order that is sent with a revoked key."""
        if self.scene.key_in_force:
            self._refusals = 0
            return
        self.judge(
            self._refusals < REFUSALS_MAX,
            "trading is halted",
            f"an order after {self._refusals} refusals of the key",
        )

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Count the refusals of the key."""
        self._refusals += told.category is Category.AUTH
