"""Timestamps do not run backwards."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import Study, Told
from conformance.model.wire import Operation, RoundTrip


@monitor("MON-08", source="CLK-04, SIG-12")
class TimestampsAdvance(Rule):
    """On one connection timestamps never go back, unless the clock was measured in between."""

    answers_of = frozenset({Operation.TIME})

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._measured = 0
        self._newest: dict[int, tuple[int, int]] = {}

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Compare with the newest one of the same connection."""
        stamp, lane = trip.reading.timestamp_ms, trip.request.lane
        if stamp is None:
            return
        newest, measured = self._newest.get(lane, (stamp, self._measured))
        if measured == self._measured:
            self.judge(
                stamp >= newest,
                "a timestamp not older than the one before",
                f"{trip.reading.operation} with one {newest - stamp} ms older",
            )
            stamp = max(stamp, newest)
        self._newest[lane] = (stamp, self._measured)

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of a measurement of the clock."""
        self._measured += 1
