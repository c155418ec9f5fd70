"""Call what exists."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-11", source="ORD-09, I17")
class EndpointsExist(Rule):
    """No request is addressed to an endpoint that the venue does not have."""

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge the method and the path."""
        self.judge(
            study.known, "an endpoint of the venue", f"{trip.request.method} {trip.request.path}"
        )
