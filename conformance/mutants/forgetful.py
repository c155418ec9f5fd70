"""Believe whatever comes last."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import Order


class _Orders(Orders):
    def merge(self, order: Order, *, latest: bool = False) -> Order:
        known = super().merge(order, latest=latest)
        entry = self.find(order.symbol, venue_id=order.venue_id)
        if entry is None:
            return known
        self._publish(entry, replace(order, client_id=known.client_id))
        return entry.order


@mutant("latest-word-believed", kills=("LIF-04", "LIF-10", "RSY-09"), bug="B047")
class LatestWordBelieved(ReferenceClient):
    """Believes what was said last about an order, even when it is older than what is known."""

    orders_type = _Orders
