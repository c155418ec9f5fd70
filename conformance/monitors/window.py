"""A request is not good for ever."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-09", source="CLK-05, B052")
class WindowsAreBounded(Rule):
    """The window for which a request is good stays within the published maximum."""

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Judge the window of a stamped request; one that states none has the venue's own."""
        reading, customs = trip.reading, self.scene.customs
        if reading.timestamp_ms is None:
            return
        window_ms = customs.window_ms if reading.window_ms is None else reading.window_ms
        longest = customs.window_ms_max
        self.judge(0 < window_ms <= longest, f"at most {longest} ms", f"{window_ms} ms")
