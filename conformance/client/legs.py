"""Positions by two witnesses: what the account stream states, and what the fills add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from conformance.client.settings import Settings
from conformance.contracts.client import Held
from conformance.model.ids import Millis, Symbol
from conformance.model.orders import ZERO, Fill, Position, PositionSide

Key: TypeAlias = tuple[Symbol, PositionSide]


@dataclass(slots=True)
class _Leg:
    position: Position
    at_ms: int
    executed: Decimal = ZERO
    """Signed sum of the counted fills."""
    offset: Decimal = ZERO
    """Stated quantity less ``executed`` when both were last known to agree."""
    older: int = 0
    """Answers in a row that were older than what is known, with no news by stream between them."""


class Legs:
    """The legs of the account. A statement counts when it is not older than the one before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._legs: dict[Key, _Leg] = {}
        self.version = 0
        """Grows with every quantity that a query brought and the stream had not."""

    def positions(self) -> Sequence[Position]:
        """Return the legs that are not flat."""
        return [leg.position for leg in self._legs.values() if leg.position.quantity]

    def state(self, held: Held) -> None:
        """Take a statement of the stream."""
        leg = self._leg(held.position.symbol, held.position.position_side)
        if held.at_ms >= leg.at_ms:
            leg.position = held.position
            leg.at_ms = held.at_ms
            leg.older = 0

    def answer(self, legs: Iterable[Held], at_ms: Millis = 0) -> bool:
        """Take the answer to a query; False when parts of it are older than what is known.

        ``at_ms``: when it was so; what is held and not among its legs is flat then (0: all legs
        are). Several older answers in a row are believed while the stream tells nothing newer: then
        it is the known that is wrong, as after a step of the venue's clock.
        """
        current = True
        told = list(legs)
        for held in (*told, *self._left_out(told, at_ms)):
            leg = self._leg(held.position.symbol, held.position.position_side)
            if held.at_ms < leg.at_ms and held.position.quantity != leg.position.quantity:
                leg.older += 1
                if leg.older < self._settings.stale_answers_max:
                    current = False
                    continue
            leg.older = 0
            self.version += held.position.quantity != leg.position.quantity
            leg.position = held.position
            leg.at_ms = held.at_ms
            leg.offset = held.position.quantity - leg.executed
        return current

    def _left_out(self, told: Sequence[Held], at_ms: Millis) -> Sequence[Held]:
        if not at_ms:
            return ()
        keys = {(held.position.symbol, held.position.position_side) for held in told}
        return [
            Held(replace(leg.position, quantity=ZERO, entry_price=ZERO), at_ms)
            for key, leg in self._legs.items()
            if key not in keys and (leg.position.quantity or leg.executed + leg.offset)
        ]

    def count(self, fill: Fill) -> None:
        """Add a counted fill to its leg."""
        self._leg(fill.symbol, fill.position_side).executed += fill.quantity * fill.side.sign

    def disputed(self) -> Sequence[Symbol]:
        """Return the symbols whose stated quantity is not what the fills lead to."""
        return sorted(
            {
                symbol
                for (symbol, _), leg in self._legs.items()
                if leg.position.quantity - leg.executed != leg.offset
            }
        )

    def symbols(self) -> Sequence[Symbol]:
        """Return the symbols in which something is or was held."""
        return sorted({symbol for (symbol, _), leg in self._legs.items() if leg.position.quantity})

    def _leg(self, symbol: Symbol, side: PositionSide) -> _Leg:
        leg = self._legs.get((symbol, side))
        if leg is None:
            flat = Position(symbol=symbol, quantity=ZERO, entry_price=ZERO, position_side=side)
            leg = self._legs[symbol, side] = _Leg(flat, -1)
        return leg
