"""Names of orders are used once."""

from __future__ import annotations

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import PLACING, OrderText, Study
from conformance.model.wire import Operation, RoundTrip


@monitor("MON-17", source="ORD-16, DUP-04, B097")
class ClientIdsAreUnique(Rule):
    """A client id is never used for another order than the one that it was made for."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._orders: dict[str, OrderText] = {}

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Compare a new order with the first one of the same name."""
        operation = trip.reading.operation
        if order.client_id and operation in PLACING and operation is not Operation.PLACE_TEST:
            first = self._orders.setdefault(order.client_id, order)
            self.judge(order == first, f"{first}", f"{order}")
