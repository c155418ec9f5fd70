"""Take the expired for the living."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, OrderNews, StreamEvent, Taken
from conformance.model.orders import Order, OrderRequest, Status
from conformance.mutants.altered import Altered, AlteredClient, remade


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        return remade(
            self.original.place(request, hedge=hedge),
            lambda taken: _alive(taken) if isinstance(taken, Order) else taken,
        )

    def order(self, symbol: str, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        call = self.original.order(symbol, client_id=client_id, venue_id=venue_id)
        return remade(call, _alive)

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [
            event._replace(order=_alive(event.order)) if isinstance(event, OrderNews) else event
            for event in self.original.events(frame)
        ]


def _alive(order: Order) -> Order:
    return replace(order, status=Status.OPEN) if order.status is Status.EXPIRED else order


@mutant("expired-taken-for-open", kills=("FND-07", "FND-08", "LIF-07", "ORD-03"), bug="B033")
class ExpiredTakenForOpen(AlteredClient):
    """Takes an order that the venue has ended for one that still rests."""

    half_type = _Half
