"""Deny what was sent."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.courier import Courier
from conformance.contracts.client import Call
from conformance.model.outcomes import NotSent, Outcome, OutcomeUnknown
from conformance.model.wire import Operation


class _Courier(Courier):
    async def _carry(self, call: Call[Any]) -> Outcome[Any]:
        outcome = await super()._carry(call)
        if isinstance(outcome, OutcomeUnknown) and call.operation is Operation.PLACE:
            return NotSent(outcome.cause)
        return outcome


@mutant("lost-answer-is-not-sent", kills=("RSY-14", "UNK-01"), bug="B006")
class LostAnswerIsNotSent(ReferenceClient):
    """Reports an order whose answer was lost as one that was never sent."""

    courier_type = _Courier
