"""What wants a signature has one."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import RoundTrip


@monitor("MON-02", source="SIG-08, KEY-05")
class PrivateCallsAreSigned(Rule):
    """Every call that wants a key, a timestamp or a signature carries it."""

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge the calls that are not public."""
        if not study.keyed:
            return
        lacks = []
        if not trip.reading.key_sent:
            lacks.append("key")
        if study.signed and not study.signature:
            lacks.append("signature")
        if study.signed and trip.reading.timestamp_ms is None:
            lacks.append("timestamp")
        self.judge(
            not lacks,
            "key, timestamp and signature where they are wanted",
            f"{trip.reading.operation} without {' and '.join(lacks)}",
        )
