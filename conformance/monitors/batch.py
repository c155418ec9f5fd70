"""Batches have a bound."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import Operation, RoundTrip


@monitor("MON-22", source="ORD-11, SIG-06")
class BatchesAreBounded(Rule):
    """No message carries more orders than the venue takes, or none at all."""

    requests_of = frozenset({Operation.PLACE_BATCH, Operation.AMEND_BATCH, Operation.CANCEL_BATCH})

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Count the orders of a batch."""
        most = self.scene.customs.batch_max.get(trip.reading.operation)
        if most is not None:
            count = len(study.orders) or len(study.targets)
            self.judge(0 < count <= most, f"1 to {most} orders", f"{count} orders")
