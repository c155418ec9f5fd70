"""Swallow a failure, and show an empty plate."""

from __future__ import annotations

from typing import TypeVar

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.contracts.client import Call, Page
from conformance.model.outcomes import Accepted, Outcome

T = TypeVar("T")


class _Courier(Courier):
    async def pages(self, call: Call[Page[T]]) -> Outcome[Page[T]]:
        outcome = await super().pages(call)
        if isinstance(outcome, Accepted):
            return outcome
        return Accepted(Page((), at_ms=self.clock.now_ms()))


@mutant("failure-is-an-empty-list", kills=("ERR-17",), bug="nautechsystems/nautilus_trader#4729")
class FailureIsAnEmptyList(ReferenceClient):
    """Answers a question whose answer failed with an empty list: nothing rests, nothing is held."""

    courier_type = _Courier
