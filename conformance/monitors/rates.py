"""Published limits hold in every window."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.categories import Category
from conformance.model.study import Study, Told
from conformance.model.wire import RoundTrip
from conformance.monitors.pace import Pace


@monitor("MON-25", source="RTL-01, RTL-04, RTL-05, I13")
class RatesStayWithinLimits(Rule):
    """In no window of a pool's length more is spent than the venue publishes.

    Orders that the venue refused for another reason than speed cost nothing. Several processes of
    one account cannot see in time what the others spend: RTL-04 judges how they get on.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._paces: dict[str, Pace] = {}
        self._refused: set[int] = set()

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Count the costs of a request; those of a refused order when it is known why."""
        if study.orders and trip.reading.code:
            self._refused.add(trip.number)
            return
        self._spend(study)

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:
        """Count an order that was refused for speed."""
        if trip.number in self._refused:
            self._refused.remove(trip.number)
            if told.category is Category.THROTTLED:
                self._spend(study)

    def _spend(self, study: Study) -> None:
        now = self.scene.now_ms
        for name, units in study.costs:
            limit = self.scene.limits.get(name)
            if limit is None:
                continue
            pace = self._paces.get(name)
            if pace is None:
                pace = self._paces[name] = Pace(limit[1])
            spent = pace.add(now, units)
            if self.scene.testees == 1:
                self.judge(
                    spent <= limit[0], f"at most {limit[0]} units of {name} in {limit[1]} ms", spent
                )

    def killed(self) -> None:
        """Forget: a new life cannot know what the old one has spent."""
        self._paces.clear()
