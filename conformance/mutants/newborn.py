"""Begin every life flat."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.legs import Legs
from conformance.contracts.client import Held


class _Legs(Legs):
    def answer(self, legs: Iterable[Held], at_ms: int = 0) -> bool:  # noqa: ARG002 - the fault
        return True


@mutant("positions-not-adopted", kills=("DUP-06", "POS-10"), bug="I35")
class PositionsNotAdopted(ReferenceClient):
    """Begins every life as if the account were flat."""

    legs_type = _Legs
