"""What happens by itself, in the order of its instants whoever waits for it."""

from __future__ import annotations

from typing import Protocol

from conformance.exchange.turn import Turn
from conformance.model.ids import Millis


class Timed(Protocol):
    """A part of the exchange that acts by itself."""

    def due(self) -> Millis | None:
        """Return the instant of its next act, or None."""

    def act(self, turn: Turn) -> None:
        """Do what is due first; ``turn.at`` is its instant. It is not due again after."""


class Timetable:
    """Several timed parts as one; what shares an instant happens in the order of the parts."""

    __slots__ = ("_parts",)

    def __init__(self, *parts: Timed) -> None:
        self._parts = parts

    def due(self) -> Millis | None:
        """Return when something happens next, or None."""
        first: Millis | None = None
        for part in self._parts:
            due = part.due()
            if due is not None and (first is None or due < first):
                first = due
        return first

    def act(self, turn: Turn, until: Millis) -> bool:
        """Let the next thing happen if it is due up to and including ``until``."""
        due = self.due()
        if due is None or due > until:
            return False
        turn.at = due
        next(part for part in self._parts if part.due() == due).act(turn)
        return True
