"""Credentials go home."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-06", source="SIG-14, TLS-07, KEY-01")
class CredentialsGoToTheVenueOnly(Rule):
    """Key and signature are sent to the host that was named and to no other."""

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge by the host that a call with credentials is addressed to."""
        if not trip.reading.key_sent and not study.signature:
            return
        home = urlsplit(self.scene.endpoints.rest).netloc
        named = trip.request.header("host")
        self.judge(named == home, f"addressed to {home}", f"addressed to {named}")
