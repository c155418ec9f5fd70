"""Silence that was asked for is kept."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Study, Told
from conformance.model.wire import RoundTrip
from conformance.monitors.hush import Hush


@monitor("MON-26", source="RTL-02, I13")
class RetryAfterIsObeyed(Rule):
    """After a refusal for speed nothing that it concerns is sent before the stated time."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._hush = Hush()

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge whether it is time to speak again."""
        left_ms = self._hush.left_ms(self.scene.now_ms, study)
        if left_ms is not None and self.scene.testees == 1:
            self.judge(
                left_ms <= 0, "silence", f"{trip.reading.operation} {left_ms} ms before its end"
            )

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of what was asked for."""
        if told.silent_ms and not told.banned:
            self._hush.ask(self.scene.now_ms, told)

    def killed(self) -> None:
        """Forget: a new life has not heard of it."""
        self._hush = Hush()
