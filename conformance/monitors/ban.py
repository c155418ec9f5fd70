"""A ban is sat out."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Study, Told
from conformance.model.wire import RoundTrip
from conformance.monitors.hush import Hush


@monitor("MON-27", source="RTL-03, B118, I13")
class BansAreSatOut(Rule):
    """While its address is banned an adapter sends nothing."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._hush = Hush()

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge whether it is time to speak again."""
        left_ms = self._hush.left_ms(self.scene.now_ms, study)
        if left_ms is not None and self.scene.testees == 1:
            self.judge(
                left_ms <= 0,
                "silence until the ban ends",
                f"{trip.reading.operation} {left_ms} ms before its end",
            )

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of what was asked for."""
        if told.silent_ms and told.banned:
            self._hush.ask(self.scene.now_ms, told)

    def killed(self) -> None:
        """Forget: a new life has not heard of it."""
        self._hush = Hush()
