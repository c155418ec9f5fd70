"""Choke on half an answer."""

from __future__ import annotations

from typing import TypeVar

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.contracts.client import Call
from conformance.model.outcomes import Outcome, OutcomeUnknown

T = TypeVar("T")


class _Courier(Courier):
    async def _carry(self, call: Call[T]) -> Outcome[T]:
        outcome = await super()._carry(call)
        if isinstance(outcome, OutcomeUnknown) and "connection was lost" in outcome.cause:
            raise EOFError("incomplete read")
        return outcome


@mutant("half-an-answer-raises", kills=("ERR-13",), bug="aio-libs/aiohttp#4581")
class HalfAnAnswerRaises(ReferenceClient):
    """Lets the error of a body that ends too early out to whoever placed the order."""

    courier_type = _Courier
