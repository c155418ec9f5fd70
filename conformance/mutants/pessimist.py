"""Take the unknown for failed."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import Operation, WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, OutcomeUnknown) and call.operation is Operation.PLACE:
            return Rejected(Category.STATE, str(reply.status), outcome.cause)
        return outcome


@mutant(
    "unknown-taken-for-failed",
    kills=("ERR-01", "ERR-05", "ERR-06", "UNK-03", "UNK-04"),
    bug="B005",
)
class UnknownTakenForFailed(AlteredClient):
    """Takes every answer that proves nothing for the refusal of the order."""

    half_type = _Half
