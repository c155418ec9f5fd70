"""After the end there is nothing more."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import PLACING, Study
from conformance.model.wire import Operation, RoundTrip

_EXPOSING = PLACING | {Operation.AMEND, Operation.AMEND_BATCH}


@monitor("MON-28", source="KIL-02, I25")
class NoOrderAfterStop(Rule):
    """Once an adapter has stopped it places and changes no order any more."""

    requests_of = _EXPOSING

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._stopped = False

    def stopped(self) -> None:
        """Take note of the end."""
        self._stopped = True
        self.judge(holds=True, expected="")

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - whatever it holds
        """Judge what comes after the end, while nobody else is alive."""
        if self._stopped and not self.scene.testees:
            self.judge(holds=False, expected="no order", observed=trip.reading.operation)
