"""What can never succeed is not tried for ever."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.categories import Category
from conformance.model.study import Study, Told
from conformance.model.wire import RoundTrip
from conformance.monitors.pace import Pace

_PERMANENT = frozenset({Category.REQUEST, Category.STATE, Category.AUTH})
ATTEMPTS_MAX = 3
"""How often in a minute one and the same request may be refused for good."""


@monitor("MON-23", source="ERR-08, ERR-09, B018")
class PermanentRefusalsAreTaken(Rule):
    """A request that was refused for good is not sent again and again to be refused alike."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._refused: dict[tuple[str, str], Pace] = {}

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Count the refusals of one request."""
        if told.category in _PERMANENT:
            pace = self._refused.setdefault((told.asked, told.code), Pace())
            times = pace.add(self.scene.now_ms)
            self.judge(
                times <= ATTEMPTS_MAX,
                f"at most {ATTEMPTS_MAX} attempts in a minute",
                f"{trip.reading.operation} refused with {told.code} {times} times",
            )
