"""Take the last price for the average."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Fill


class _Orders(Orders):
    def count(self, fill: Fill, venue_id: str = "") -> Fill | None:
        counted = super().count(fill, venue_id)
        entry = self.find(fill.symbol, client_id=fill.client_id, venue_id=venue_id)
        if entry is not None:
            entry.order = replace(entry.order, average_price=fill.price)
        return counted


@mutant("last-price-as-average", kills=("ORD-02",), bug="B046")
class LastPriceAsAverage(ReferenceClient):
    """Takes the price of the last execution for the average of them all."""

    orders_type = _Orders
