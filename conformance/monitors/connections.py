"""Connections are no habit."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.wire import Stream
from conformance.monitors.pace import Pace

CONNECTIONS_MAX = 60
"""How many streams one adapter may open in a minute; venues allow 300 in five."""


@monitor("MON-38", source="RSY-12, RSY-13, RTL-08, I28")
class ConnectionsAreBounded(Rule):
    """However often streams break, they are not opened without measure."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._pace = Pace()

    def opened(self, stream: Stream) -> None:  # noqa: ARG002 - whatever it is for
        """Count the streams that are opened."""
        count = self._pace.add(self.scene.now_ms)
        most = CONNECTIONS_MAX * max(1, self.scene.testees)
        self.judge(count <= most, f"at most {most} in a minute", count)
