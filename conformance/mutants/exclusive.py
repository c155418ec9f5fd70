"""Take what is told for all there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import ClientHalf, Held, StreamEvent
from conformance.model.orders import ZERO, PositionSide
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._told: dict[tuple[str, PositionSide], Held] = {}

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        events = list(self.original.events(frame))
        told = {_key(event): event for event in events if isinstance(event, Held)}
        if told:
            at_ms = max(held.at_ms for held in told.values())
            events += [_flat(held, at_ms) for key, held in self._told.items() if key not in told]
            self._told = told
        return events


def _key(held: Held) -> tuple[str, PositionSide]:
    return held.position.symbol, held.position.position_side


def _flat(held: Held, at_ms: int) -> Held:
    return Held(replace(held.position, quantity=ZERO, entry_price=ZERO), at_ms)


@mutant("untold-legs-taken-for-flat", kills=("POS-14",), bug="hummingbot/hummingbot#8216")
class UntoldLegsTakenForFlat(AlteredClient):
    """Takes an event of one leg for the list of all legs: those it does not name are flat."""

    half_type = _Half
