"""Know all words for states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import OrderNews, StreamEvent
from conformance.model.orders import Status
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [_ended(event) for event in self.original.events(frame)]


def _ended(event: StreamEvent) -> StreamEvent:
    if isinstance(event, OrderNews) and event.order.status is Status.UNKNOWN:
        return event._replace(order=replace(event.order, status=Status.REJECTED))
    return event


@mutant("unheard-of-state-is-an-end", kills=("LIF-06",), bug="B030")
class UnheardOfStateIsAnEnd(AlteredClient):
    """Takes a state it has no word for as the end of the order."""

    half_type = _Half
