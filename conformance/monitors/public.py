"""What is public stays anonymous."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-03", source="SIG-14, ST ignored_auth")
class PublicCallsAreAnonymous(Rule):
    """No public call carries a key or a signature."""

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge the calls that want no key."""
        if study.known and not study.keyed:
            self.judge(
                not trip.reading.key_sent and not study.signature,
                "neither key nor signature",
                f"{trip.reading.operation} with {'key' if trip.reading.key_sent else 'signature'}",
            )
