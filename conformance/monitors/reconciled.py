"""What happened meanwhile is asked for."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis
from conformance.model.study import Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, StreamId, Topic

ASKED_MS_MAX = 10_000
"""How soon after the account's stream was opened the resting orders are to be read."""
_BEFORE_MS = 1_000
"""A question so shortly before still tells what there was."""
_ORDERS = frozenset({Operation.OPEN_ORDERS, Operation.ACCOUNT})


@monitor("MON-34", source="RSY-08, RSY-09, NT E84-87, I38")
class OpenedStreamsAreReconciled(Rule):
    """After each opening of the account's stream the resting orders are read by query."""

    requests_of = _ORDERS

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._asked_ms: Millis = -_BEFORE_MS
        self._silent_until_ms: Millis = 0
        self._heard: set[StreamId] = set()

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - it is one
        """Take note of a question for the resting orders."""
        self._asked_ms = self.scene.now_ms

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of a silence that the venue asks for."""
        until = self.scene.now_ms + told.silent_ms
        self._silent_until_ms = max(self._silent_until_ms, until)

    def opened(self, stream: Stream) -> None:
        """Expect a question when the handshake asks for the account's events."""
        self._expect(stream.stream)

    def sent(self, frame: Frame) -> None:
        """Expect a question when a message asks for the account's events."""
        if frame.opcode == "text":
            self._expect(frame.stream)

    def closed(self, stream: Stream) -> None:
        """Forget a stream."""
        self._heard.discard(stream.stream)

    def _expect(self, stream: StreamId) -> None:
        if stream in self._heard or (Topic.ORDERS, "") not in self.scene.interests(stream):
            return
        self._heard.add(stream)
        now = self.scene.now_ms
        due = max(now, self._silent_until_ms) + ASKED_MS_MAX
        self.scene.at(due, partial(self._look, stream, now))

    def _look(self, stream: StreamId, opened_ms: Millis) -> None:
        here = any(one.stream == stream for one in self.scene.streams())
        if not here or self.scene.half_open(stream) or not self.scene.key_in_force:
            return
        if self._silent_until_ms > opened_ms:
            return
        self.judge(
            self._asked_ms >= opened_ms - _BEFORE_MS,
            f"a question for the resting orders within {ASKED_MS_MAX} ms",
            "none",
        )
