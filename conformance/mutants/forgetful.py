"""Believe whatever comes last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.legs import Legs
from conformance.client.orders import Orders
from conformance.contracts.client import Held
from conformance.model.ids import Millis
from conformance.model.orders import Order


class _Orders(Orders):
    def merge(self, order: Order, *, latest: bool = False) -> Order:
        known = super().merge(order, latest=latest)
        entry = self.find(order.symbol, venue_id=order.venue_id)
        if entry is None:
            return known
        self._publish(entry, replace(order, client_id=known.client_id))
        return entry.order


class _Legs(Legs):
    def answer(self, legs: Iterable[Held], at_ms: Millis = 0) -> bool:
        told = list(legs)
        for held in (*told, *self._left_out(told, at_ms)):
            leg = self._leg(held.position.symbol, held.position.position_side)
            leg.position, leg.at_ms = held.position, held.at_ms
            leg.offset = held.position.quantity - leg.executed
        return True


@mutant("latest-word-believed", kills=("LIF-04", "LIF-10", "POS-12", "RSY-09"), bug="B047")
class LatestWordBelieved(ReferenceClient):
    """Believes what was said last of an order or a leg, even when it is older than the known."""

    legs_type = _Legs
    orders_type = _Orders
