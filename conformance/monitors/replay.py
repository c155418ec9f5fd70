"""Sign each request anew."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis
from conformance.model.study import Study
from conformance.model.wire import RoundTrip

_TOGETHER_MS = 100
"""Equal requests stamped in one millisecond have one signature and travel together."""


@monitor("MON-10", source="SIG-12, I04")
class SignaturesAreNotSentTwice(Rule):
    """A signature is never sent again: what is repeated is stamped and signed anew."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._seen: dict[str, Millis] = {}

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Look for the signature among those seen before."""
        if study.signature:
            now = self.scene.now_ms
            age_ms = now - self._seen.setdefault(study.signature, now)
            self.judge(
                age_ms < _TOGETHER_MS,
                "a signature of its own",
                f"{trip.reading.operation} with a signature sent {age_ms} ms before",
            )
