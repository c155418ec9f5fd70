"""Snapshots are no habit."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Symbol
from conformance.model.study import Study
from conformance.model.wire import Operation, RoundTrip
from conformance.monitors.pace import Pace

SNAPSHOTS_MAX = 60
"""How often in a minute one book may be asked for."""


@monitor("MON-37", source="MKT-11, I11")
class SnapshotsAreBounded(Rule):
    """However broken the changes are, a book is not asked for without measure."""

    requests_of = frozenset({Operation.BOOK})

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._paces: dict[Symbol, Pace] = {}

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Count the questions for a book."""
        count = self._paces.setdefault(trip.reading.symbol, Pace()).add(self.scene.now_ms)
        self.judge(count <= SNAPSHOTS_MAX, f"at most {SNAPSHOTS_MAX} in a minute", count)
