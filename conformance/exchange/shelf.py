"""The conditional orders of one account: those that wait, and those that did, up to a bound."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from conformance.exchange.settings import CONDITIONALS_RETAINED
from conformance.model.ids import Symbol
from conformance.model.records import ConditionalRecord

LegName: TypeAlias = tuple[Symbol, str]


class Shelf:
    """A store apart from the book, with client ids of its own."""

    __slots__ = ("_closed", "bound", "by_client", "names", "triggered", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[int, ConditionalRecord] = {}
        """By id, oldest first."""
        self.names: dict[str, ConditionalRecord] = {}
        """The waiting ones by client id; an empty client id names nobody."""
        self.bound: dict[LegName, dict[int, ConditionalRecord]] = {}
        """The waiting ones that end with their position."""
        self.triggered: dict[int, ConditionalRecord] = {}
        """Those whose order lives."""
        self.by_client: dict[str, ConditionalRecord] = {}
        """The newest retained one of each client id."""
        self._closed: dict[int, ConditionalRecord] = {}

    def enter(self, record: ConditionalRecord) -> None:
        """Let a new record wait."""
        command = record.command
        self.waiting[record.conditional_id] = record
        if command.client_id:
            self.names[command.client_id] = record
            self.by_client[command.client_id] = record
        if command.position_bound:
            leg = command.symbol, command.position_side
            self.bound.setdefault(leg, {})[record.conditional_id] = record

    def leave(self, record: ConditionalRecord) -> None:
        """Note that a record waits no longer."""
        command = record.command
        del self.waiting[record.conditional_id]
        self.names.pop(command.client_id, None)
        if command.position_bound:
            leg = command.symbol, command.position_side
            del self.bound[leg][record.conditional_id]
            if not self.bound[leg]:
                del self.bound[leg]

    def close(self, record: ConditionalRecord) -> None:
        """Retain an ended record; forget the oldest when there are too many."""
        self._closed[record.conditional_id] = record
        if len(self._closed) > CONDITIONALS_RETAINED:
            oldest = self._closed.pop(next(iter(self._closed)))
            if self.by_client.get(oldest.command.client_id) is oldest:
                del self.by_client[oldest.command.client_id]

    def find(self, conditional_id: int) -> ConditionalRecord | None:
        """Return a record by id, or None when there is none or it was forgotten."""
        for records in (self.waiting, self.triggered, self._closed):
            if conditional_id in records:
                return records[conditional_id]
        return None

    def records(self) -> Iterator[ConditionalRecord]:
        """Yield every retained record, oldest first."""
        every = chain(self._closed.values(), self.triggered.values(), self.waiting.values())
        return iter(sorted(every, key=lambda record: record.conditional_id))
