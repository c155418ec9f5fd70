"""Deliver the latest of several events."""

from __future__ import annotations

import asyncio

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import OrderNews, StreamEvent

_WINDOW_S = 0.02


@mutant("events-overwritten", kills=("LIF-02",), bug="B048")
class EventsOverwritten(ReferenceClient):
    """Hands on the latest event of an order only; one that came just before it is lost."""

    _latest: OrderNews | None = None

    def _event(self, event: StreamEvent) -> None:
        if not isinstance(event, OrderNews):
            super()._event(event)
            return
        if self._latest is None:
            asyncio.get_running_loop().call_later(_WINDOW_S, self._hand_on)
        self._latest = event

    def _hand_on(self) -> None:
        event, self._latest = self._latest, None
        if event is not None:
            self._news(event)
