"""One step of the exchange: its instant, and what has happened in it so far."""

from __future__ import annotations

from conformance.exchange.accounts import Leg
from conformance.model.events import Event
from conformance.model.ids import Millis


class Turn:
    """The instant of what happens, its events in order, and whose margin it may have thinned."""

    __slots__ = ("at", "events", "seen", "shaken")

    def __init__(self, at: Millis) -> None:
        self.at = at
        self.events: list[Event] = []
        self.shaken: list[Leg] = []
        self.seen = 0
        """How many of the events the conditional orders have reacted to."""
