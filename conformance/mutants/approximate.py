"""Hold numbers of the venue as floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, OrderNews, StreamEvent, Taken
from conformance.model.orders import Order, OrderRequest
from conformance.mutants.altered import Altered, AlteredClient, remade


def _rounded(order: Order) -> Order:
    if not order.venue_id.isdecimal():
        return order
    return replace(order, venue_id=str(int(float(order.venue_id))))


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        def taken(said: Taken) -> Taken:
            return _rounded(said) if isinstance(said, Order) else said

        return remade(self.original.place(request, hedge=hedge), taken)

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [
            event._replace(order=_rounded(event.order)) if isinstance(event, OrderNews) else event
            for event in self.original.events(frame)
        ]


@mutant("venue-id-rounded", kills=("ORD-20",), bug="B096")
class VenueIdRounded(AlteredClient):
    """Keeps the venue's ids as binary floats, which lose the last digits of long ones."""

    half_type = _Half
