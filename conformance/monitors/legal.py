"""Names of orders are legal."""

from __future__ import annotations

import re

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.study import PLACING, OrderText, Study
from conformance.model.wire import RoundTrip


@monitor("MON-16", source="ORD-16, BTCS")
class ClientIdsAreLegal(Rule):
    """Every client id has the length and the characters that the venue allows."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._legal = re.compile(scene.customs.client_id, re.ASCII).fullmatch

    def order(self, order: OrderText, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002
        """Judge the client id of each new order."""
        if order.client_id and trip.reading.operation in PLACING:
            self.judge(
                self._legal(order.client_id), self.scene.customs.client_id, repr(order.client_id)
            )
