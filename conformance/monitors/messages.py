"""Messages on a stream are limited too."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.wire import Frame, StreamId
from conformance.monitors.pace import Pace


@monitor("MON-31", source="RTL-08")
class MessagesStayWithinTheirRate(Rule):
    """On no stream more messages are sent in a window than the venue takes."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._paces: dict[StreamId, Pace] = {}

    def sent(self, frame: Frame) -> None:
        """Count messages; control frames but the closing one are messages as well."""
        if frame.opcode == "close" or self.scene.carries_calls(frame.stream):
            return
        most, window_ms = self.scene.customs.messages
        pace = self._paces.get(frame.stream)
        if pace is None:
            pace = self._paces[frame.stream] = Pace(window_ms)
        count = pace.add(self.scene.now_ms)
        self.judge(count <= most, f"at most {most} in {window_ms} ms", count)
