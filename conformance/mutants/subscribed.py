"""Subscribe once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import ClientHalf, StreamPlan
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._asked = False

    def book_stream(self, symbols: Sequence[str]) -> StreamPlan:
        plan = self.original.book_stream(symbols)
        if self._asked:
            return replace(plan, opening=())
        self._asked = True
        return plan

    def book_again(self, symbol: str) -> Sequence[str]:  # noqa: ARG002 - the fault
        return ()


@mutant("no-resubscribe", kills=("RSY-01", "RSY-10", "RSY-19"), bug="B124")
class NoResubscribe(AlteredClient):
    """Reconnects without subscribing again."""

    half_type = _Half
