"""No storm of cancels."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.categories import Category
from conformance.model.study import Study, Told
from conformance.model.wire import Operation, RoundTrip
from conformance.monitors.pace import Pace

CANCELS_MAX = 20
"""How many cancels of one order may in a minute find nothing."""
_CANCELS = frozenset({Operation.CANCEL, Operation.CANCEL_BATCH})


@monitor("MON-24", source="CAN-03, CAN-06, I13, B018")
class CancelsDoNotStorm(Rule):
    """An order that the venue does not find is not cancelled without measure."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._missed: dict[tuple[str, ...], Pace] = {}

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """Count the cancels of one order that found nothing."""
        if told.category is Category.NOT_FOUND and trip.reading.operation in _CANCELS:
            times = self._missed.setdefault(study.targets, Pace()).add(self.scene.now_ms)
            self.judge(times <= CANCELS_MAX, f"at most {CANCELS_MAX} in a minute", f"{times}")
