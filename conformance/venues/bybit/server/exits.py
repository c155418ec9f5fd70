"""Exits mind their position and each other: one of each kind is of the whole, pairs end together.

Those that came with orders count the lots of their order at first. Source: order/create-order,
tpslMode, and position/trading-stop, 2026-07-24: Full is of the entire position, and the venue
adjusts the quantity to the size of the open position.
"""

from __future__ import annotations

from typing import TypeAlias

from conformance.model.commands import AmendConditional, CancelConditional
from conformance.model.events import (
    Cause,
    CommandRefused,
    ConditionalAccepted,
    ConditionalTriggered,
    PositionChanged,
)
from conformance.model.ids import AccountId, Lots, Millis, Symbol
from conformance.model.orders import ConditionalStatus, PositionSide
from conformance.model.records import ConditionalRecord
from conformance.venues.bybit.server.desk import Desk, Extras, stop_of
from conformance.venues.bybit.server.entry import WHICH

_Leg: TypeAlias = tuple[AccountId, Symbol, PositionSide]
_WHOLE = frozenset(word for _, word in WHICH.values())


class Exits:
    """Minds the legs that have exits, whenever one of them or an exit is new."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._guarded: set[_Leg] = set()
        self._touched: dict[_Leg, None] = {}
        self._widowed: list[ConditionalRecord] = []

    def on_accepted(self, event: ConditionalAccepted, _at: Millis) -> None:
        """Take note of a new exit."""
        command = event.conditional.command
        if stop_of(event.conditional) in _WHOLE:
            leg = command.account, command.symbol, command.position_side
            self._guarded.add(leg)
            self._touched[leg] = None

    def on_triggered(self, event: ConditionalTriggered, _at: Millis) -> None:
        """Take note of an exit whose pair is to end with it."""
        command = event.conditional.command
        pair = pair_of(event.conditional)
        if pair:
            waiting = self._desk.core.open_conditionals(command.account, command.symbol)
            self._widowed += [record for record in waiting if pair_of(record) == pair]

    def on_position(self, event: PositionChanged) -> None:
        """Take note of a leg that grew or shrank."""
        leg = event.account, event.symbol, event.position_side
        if leg in self._guarded:
            self._touched[leg] = None

    def settle(self, at: Millis) -> None:
        """Close one command: let a newer exit replace an older one, and fit its quantity."""
        widowed, self._widowed = self._widowed, []
        for record in widowed:
            self._end(record, Cause.SIBLING_TRIGGERED, at)
        touched, self._touched = self._touched, {}
        for leg in touched:
            lots = abs(self._desk.core.stake(*leg).lots)
            newest: dict[str, ConditionalRecord] = {}
            for record in self._of(leg):
                older = newest.get(stop_of(record))
                newest[stop_of(record)] = record
                if older is not None:
                    self._end(older, Cause.POSITION_CLOSED, at)
            for record in newest.values():
                self._fit(record, lots, at)
            if not newest:
                self._guarded.discard(leg)

    def _of(self, leg: _Leg) -> list[ConditionalRecord]:
        """Return the exits of a whole leg, the oldest one first."""
        account, symbol, side = leg
        found = [
            record
            for record in self._desk.core.open_conditionals(account, symbol)
            if record.command.position_side is side and stop_of(record) in _WHOLE
        ]
        return sorted(found, key=lambda record: record.conditional_id)

    def _end(self, record: ConditionalRecord, why: Cause, at: Millis) -> None:
        """Cancel an exit that still waits."""
        command, tag = record.command, record.command.tag
        if record.status is not ConditionalStatus.NEW:
            return
        assert isinstance(tag, Extras)
        record.command = command._replace(tag=tag._replace(ended=why))
        self._desk.carry_out(CancelConditional(command.account, record.conditional_id), at)

    def _fit(self, record: ConditionalRecord, lots: Lots, at: Millis) -> None:
        """Give an exit the size of its leg; one that is greater than an order may be stays."""
        command = record.command
        if command.close_position or command.quantity == lots or command.trigger is None:
            return
        number, trigger = record.conditional_id, command.trigger
        events = self._desk.core.apply(
            AmendConditional(command.account, number, trigger, command.price, lots), at
        )
        if type(events[0]) is not CommandRefused:
            self._desk.publish(events, at)


def pair_of(record: ConditionalRecord) -> int:
    """Return the number that a partial exit shares with the one set together with it, or 0."""
    tag = record.command.tag
    return tag.pair if isinstance(tag, Extras) else 0
