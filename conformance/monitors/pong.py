"""Pings want their answer."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Carried
from conformance.model.wire import Frame, Stream, StreamId


@monitor("MON-30", source="RSY-03, I09, I28")
class PingsAreAnswered(Rule):
    """Every ping of the venue is answered with its own payload, or a later one, in time.

    RFC 6455, 5.5.3: of several pings only the newest must be answered.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._pending: dict[StreamId, list[bytes]] = {}

    def pushed(self, frame: Frame, carried: Carried) -> None:  # noqa: ARG002 - control frame
        """Take note of a ping."""
        if frame.opcode == "ping":
            pending = self._pending.setdefault(frame.stream, [])
            pending.append(frame.payload)
            due = self.scene.now_ms + self.scene.customs.pong_ms
            self.scene.at(due, partial(self._look, frame))

    def sent(self, frame: Frame) -> None:
        """Take note of a pong: it answers its ping and all before it."""
        pending = self._pending.get(frame.stream, [])
        if frame.opcode == "pong" and frame.payload in pending:
            del pending[: pending.index(frame.payload) + 1]

    def closed(self, stream: Stream) -> None:
        """Forget the pings of a stream that has ended."""
        self._pending.pop(stream.stream, None)

    def _look(self, ping: Frame) -> None:
        pending = self._pending.get(ping.stream)
        if pending is not None and not self.scene.half_open(ping.stream):
            self.judge(
                ping.payload not in pending,
                f"a pong within {self.scene.customs.pong_ms} ms",
                f"none for {ping.payload!r}",
            )
