"""One connection for one subscription."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.model.study import Interest
from conformance.model.wire import Frame, Stream, StreamId

OVERLAP_MS_MAX = 45_000
"""How long an old connection may live beside the one that takes its place."""


@monitor("MON-32", source="RSY-12, I28")
class OneConnectionEach(Rule):
    """Of each subscription an adapter has one living connection, but for a short overlap."""

    def opened(self, stream: Stream) -> None:
        """Look again when an overlap must have ended."""
        self._expect(stream.stream)

    def sent(self, frame: Frame) -> None:
        """Look again after a change of subscriptions."""
        if frame.opcode == "text":
            self._expect(frame.stream)

    def _expect(self, stream: StreamId) -> None:
        self.scene.at(self.scene.now_ms + OVERLAP_MS_MAX, partial(self._look, stream))

    def _look(self, stream: StreamId) -> None:
        for interest in self.scene.interests(stream):
            living = self._living(interest)
            self.judge(
                living <= max(1, self.scene.testees),
                "one connection",
                f"{living} connections for {interest[0]} {interest[1]}",
            )

    def _living(self, interest: Interest) -> int:
        scene = self.scene
        return sum(
            interest in scene.interests(stream.stream) and not scene.half_open(stream.stream)
            for stream in scene.streams()
        )
