"""Say which order is meant."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.model.study import Study
from conformance.model.wire import Operation, RoundTrip

_POINTED = frozenset(
    {
        Operation.CANCEL,
        Operation.CANCEL_BATCH,
        Operation.AMEND,
        Operation.AMEND_BATCH,
        Operation.QUERY_ORDER,
        Operation.QUERY_OPEN_ORDER,
    }
)


@monitor("MON-21", source="CAN-01, I26")
class OrdersAreMeantById(Rule):
    """What cancels, changes or asks for an order names it by an id, never by time or price."""

    requests_of = _POINTED

    def request(self, trip: RoundTrip, study: Study) -> None:
        """Judge the calls that are about an order."""
        self.judge(study.targets, "an id", f"{trip.reading.operation} without one")
