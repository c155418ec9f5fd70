"""A request is not good for ever."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-09", source="CLK-05, B052")
class WindowsAreBounded(Rule):
    """The window for which a request is good stays within the published maximum."""

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Judge the window that was sent."""
        window_ms = trip.reading.window_ms
        if window_ms is not None:
            longest = self.scene.customs.window_ms_max
            self.judge(0 < window_ms <= longest, f"at most {longest} ms", f"{window_ms} ms")
