"""Signatures belong to their bytes."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-01", source="SIG-01, I05, I06, I07")
class SignaturesVerify(Rule):
    """Every signature belongs to the very bytes it came with, and to the key."""

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge the venue's own verdict, while the key is one in force."""
        if study.signature and self.scene.key_in_force:
            self.judge(
                trip.reading.signature_valid,
                "a signature over the bytes as they were sent",
                f"{trip.reading.operation} with a signature that does not verify",
            )
