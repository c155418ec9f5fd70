"""Net what is kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Held, Page, StreamEvent
from conformance.model.orders import PositionSide
from conformance.mutants.altered import Altered, AlteredClient, remade_rows


class _Half(Altered):
    def positions(self) -> Call[Page[Held]]:
        return remade_rows(self.original.positions(), _netted)

    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        return [
            _netted(event) if isinstance(event, Held) else event
            for event in self.original.events(frame)
        ]


def _netted(held: Held) -> Held:
    return held._replace(position=replace(held.position, position_side=PositionSide.NET))


@mutant("hedge-legs-netted", kills=("POS-06", "POS-10"), bug="B067")
class HedgeLegsNetted(AlteredClient):
    """Keeps one position a symbol and lets long and short leg overwrite each other."""

    half_type = _Half
