"""Timestamps are of the present."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.categories import Category
from conformance.model.study import Study, Told
from conformance.model.wire import Operation, RoundTrip

_MEASURE_MS_MAX = 1_000
"""An answer that took longer says too little about the venue's clock."""
_WAKING_MS = 50
"""What arrives so soon after a suspension was stamped before it."""
_RESYNC_MS = 2_000
"""How long after a refusal the old clock may still be in use."""


@monitor("MON-07", source="CLK-01, CLK-02, I08")
class TimestampsAreFresh(Rule):
    """Every timestamp is within its window when it arrives.

    A step of the venue's clock is nobody's fault until the venue has told the time again, or has
    refused a call for it.
    """

    answers_of = frozenset({Operation.TIME})

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._offset_ms = scene.offset_ms
        self._trusting_until_ms: float = 0

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Judge by the venue's clock."""
        self._notice()
        stamp, scene = trip.reading.timestamp_ms, self.scene
        waking = scene.now_ms - scene.woken_ms < _WAKING_MS
        if stamp is None or waking or scene.now_ms < self._trusting_until_ms:
            return
        window_ms = trip.reading.window_ms or scene.customs.window_ms
        age_ms = trip.received_ms - stamp
        self.judge(
            -scene.customs.ahead_ms < age_ms <= window_ms,
            f"at most {window_ms} ms old, less than {scene.customs.ahead_ms} ms ahead",
            f"{trip.reading.operation} with a timestamp {age_ms} ms old",
        )

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Learn what the testee learns about the venue's clock."""
        self._notice()
        assert trip.replied_ms is not None
        took_ms = trip.replied_ms - trip.received_ms
        if told.category is None and took_ms <= _MEASURE_MS_MAX:
            self._trusting_until_ms = 0

    def refused(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Leave time to measure the clock after a refusal for it."""
        self._notice()
        if told.category is Category.CLOCK:
            self._trusting_until_ms = min(self._trusting_until_ms, self.scene.now_ms + _RESYNC_MS)

    def _notice(self) -> None:
        if self.scene.offset_ms != self._offset_ms:
            self._offset_ms = self.scene.offset_ms
            self._trusting_until_ms = float("inf")
