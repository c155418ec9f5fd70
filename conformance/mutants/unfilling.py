"""Forget the fills of what was cancelled."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.orders import Orders
from conformance.model.orders import ZERO, Order, Status


class _Orders(Orders):
    def merge(self, order: Order, *, latest: bool = False) -> Order:
        known = super().merge(order, latest=latest)
        entry = self.find(order.symbol, venue_id=order.venue_id)
        if entry is not None and known.status is Status.CANCELLED:
            entry.order = replace(entry.order, filled=ZERO)
        return known


@mutant("cancel-forgets-fills", kills=("CAN-01",), bug="B038")
class CancelForgetsFills(ReferenceClient):
    """Takes an order that was cancelled for one that was never filled in part."""

    orders_type = _Orders
