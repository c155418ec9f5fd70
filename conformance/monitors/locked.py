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

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._refusals = 0

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - whatever it holds
        """Judge each order that is sent with a revoked key."""
        if trip.reading.operation in PLACING and not self.scene.key_in_force:
            self.judge(
                self._refusals < REFUSALS_MAX,
                "trading is halted",
                f"an order after {self._refusals} refusals of the key",
            )

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Count the refusals of the key."""
        if told.category is None and study.signed:
            self._refusals = 0
        elif told.category is Category.AUTH:
            self._refusals += 1
