"""Stream keys are kept alive."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis
from conformance.model.study import Study, Told
from conformance.model.wire import Operation, RoundTrip, Topic

_UPKEEP = frozenset({Operation.STREAM_KEY_CREATE, Operation.STREAM_KEY_EXTEND})


@monitor("MON-35", source="RSY-05, I09")
class StreamKeysAreKeptAlive(Rule):
    """While the account's stream is open, its key is extended before it ends."""

    answers_of = _UPKEEP

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._kept_ms: Millis = 0

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of a new or extended key, and look again at its end."""
        if told.category is None:
            now = self._kept_ms = self.scene.now_ms
            due = now + self.scene.customs.stream_key_ms - 1
            self.scene.at(due, partial(self._look, now))

    def _look(self, kept_ms: Millis) -> None:
        scene = self.scene
        open_ms = [
            stream.opened_ms
            for stream in scene.streams()
            if (Topic.ORDERS, "") in scene.interests(stream.stream)
        ]
        if open_ms and scene.testees and scene.key_in_force:
            self.judge(
                self._kept_ms > kept_ms,
                f"an extension within {scene.customs.stream_key_ms} ms",
                "none",
            )
