"""What was lost is asked for again."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis
from conformance.model.study import Interest, Study, Told
from conformance.model.wire import Frame, RoundTrip, Stream, StreamId

BACK_MS_MAX = 50_000
"""How long it may take until a lost subscription is there again."""
_LOOK_MS = 1_000
"""How often to look whether the venue takes connections again."""


@monitor("MON-33", source="RSY-01, RSY-11, RSY-12")
class LostSubscriptionsComeBack(Rule):
    """What a stream that the venue ended was subscribed to is soon subscribed to again.

    Time counts from when the venue takes connections, and lets itself be asked, again.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._life = 0
        self._lost: set[Interest] = set()
        self._silent_until_ms: Millis = 0

    def closed(self, stream: Stream) -> None:
        """Look for the subscriptions again later."""
        if not stream.by_peer and self.scene.testees:
            for interest in self.scene.interests(stream.stream):
                self._lost.add(interest)
                self._expect(interest)

    def opened(self, stream: Stream) -> None:
        """Find what was lost."""
        self._found(stream.stream)

    def sent(self, frame: Frame) -> None:
        """Find what was lost, after a change of subscriptions."""
        if frame.opcode == "text":
            self._found(frame.stream)

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of a silence that the venue asks for."""
        until = self.scene.now_ms + told.silent_ms
        self._silent_until_ms = max(self._silent_until_ms, until)

    def stopped(self) -> None:
        """Expect nothing any more."""
        self._life += 1
        self._lost.clear()

    def killed(self) -> None:
        """Expect nothing any more of those that were killed."""
        self._life += 1
        self._lost.clear()

    def _found(self, stream: StreamId) -> None:
        for interest in self._lost.intersection(self.scene.interests(stream)):
            self._lost.remove(interest)
            self.judge(holds=True, expected="")

    def _expect(self, interest: Interest) -> None:
        if self.scene.refusing:
            self.scene.at(self.scene.now_ms + _LOOK_MS, partial(self._await, interest, self._life))
            return
        begin = max(self.scene.now_ms, self._silent_until_ms)
        self.scene.at(begin + BACK_MS_MAX, partial(self._look, interest, self._life))

    def _await(self, interest: Interest, life: int) -> None:
        if life == self._life and interest in self._lost:
            self._expect(interest)

    def _look(self, interest: Interest, life: int) -> None:
        scene = self.scene
        if life != self._life or interest not in self._lost or not scene.key_in_force:
            return
        if scene.refusing or self._silent_until_ms > scene.now_ms - BACK_MS_MAX:
            self._expect(interest)
            return
        self._lost.remove(interest)
        self.judge(
            any(interest in scene.interests(stream.stream) for stream in scene.streams()),
            f"a subscription to {interest[0]} {interest[1]} again",
            f"none {BACK_MS_MAX} ms later",
        )
