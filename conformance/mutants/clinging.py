"""Never let a position go."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.legs import Legs
from conformance.contracts.client import Held


class _Legs(Legs):
    def state(self, held: Held) -> None:
        if held.position.quantity:
            super().state(held)

    def answer(self, legs: Iterable[Held], at_ms: int = 0) -> bool:  # noqa: ARG002 - the fault
        return super().answer([held for held in legs if held.position.quantity])


@mutant("flat-positions-kept", kills=("POS-05",), bug="B189")
class FlatPositionsKept(ReferenceClient):
    """Keeps a position that has been closed: it adds and changes legs, but removes none."""

    legs_type = _Legs
