"""Take the last fill for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.contracts.client import ClientHalf, OrderNews, StreamEvent
from conformance.model.orders import ZERO
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._before: dict[str, Decimal] = {}

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [self._short(event) for event in self.original.events(frame)]

    def _short(self, event: StreamEvent) -> StreamEvent:
        if not isinstance(event, OrderNews):
            return event
        order = event.order
        last = order.filled - self._before.get(order.venue_id, ZERO)
        self._before[order.venue_id] = order.filled
        return event._replace(order=replace(order, filled=last))


@mutant("last-fill-as-cumulative", kills=("LIF-01",), bug="B042")
class LastFillAsCumulative(AlteredClient):
    """Takes the quantity of the last execution for that of all of them."""

    half_type = _Half
