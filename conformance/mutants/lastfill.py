"""Take the last fill for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import OrderNews, StreamEvent
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [_short(event) for event in self.original.events(frame)]


def _short(event: StreamEvent) -> StreamEvent:
    if isinstance(event, OrderNews) and event.fill is not None:
        return event._replace(order=replace(event.order, filled=event.fill.quantity))
    return event


@mutant("last-fill-as-cumulative", kills=("LIF-01",), bug="B042")
class LastFillAsCumulative(AlteredClient):
    """Takes the quantity of the last execution for that of all of them."""

    half_type = _Half
