"""Count whatever is told."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Fill


class _Orders(Orders):
    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        self._seen.clear()
        return super().count(fill, venue_id)


@mutant("fills-not-deduplicated", kills=("DUP-01", "DUP-02", "RSY-09"), bug="B047")
class FillsNotDeduplicated(ReferenceClient):
    """Counts an execution as often as it is told of it."""

    orders_type = _Orders
