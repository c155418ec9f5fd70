"""Sign each request anew."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis
from conformance.model.study import Study
from conformance.model.wire import Frame, RoundTrip

_TOGETHER_MS = 100
"""Equal requests stamped in one millisecond have one signature and travel together."""


@monitor("MON-10", source="SIG-12, I04")
class SignaturesAreNotSentTwice(Rule):
    """A signature is never sent again: what is repeated is stamped and signed anew."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._seen: dict[str, Millis] = {}
        self._key = scene.credentials.key.encode()

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Look for the signature among those seen before."""
        if study.signature:
            self._once(study.signature, str(trip.reading.operation))

    def sent(self, frame: Frame) -> None:
        """Look for a login among those seen before: what names the key is signed with it."""
        if self._key in frame.payload:
            self._once(frame.payload.decode("latin-1"), "a login")

    def _once(self, signed: str, what: str) -> None:
        now = self.scene.now_ms
        age_ms = now - self._seen.setdefault(signed, now)
        self.judge(
            age_ms < _TOGETHER_MS,
            "a signature of its own",
            f"{what} with a signature sent {age_ms} ms before",
        )
