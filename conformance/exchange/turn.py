"""One step of the exchange: its instant, and what has happened in it so far."""

from __future__ import annotations

from conformance.model.events import Event
from conformance.model.ids import Millis


class Turn:
    """The instant of one ``apply`` or ``advance`` and its events in the order of happening."""

    __slots__ = ("at", "events")

    def __init__(self, at: Millis) -> None:
        self.at = at
        self.events: list[Event] = []
