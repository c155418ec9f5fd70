"""Ask again, whatever is wrong with the signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import Operation, WireReply
from conformance.mutants.altered import Altered, AlteredClient

_ORDERS = (Operation.PLACE, Operation.CANCEL)
_REFUSED = (Category.AUTH, Category.REQUEST)


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if (
            call.operation in _ORDERS
            and isinstance(outcome, Rejected)
            and outcome.category in _REFUSED
        ):
            return replace(outcome, category=Category.RETRY)
        return outcome


@mutant("refused-signatures-retried", kills=("SIG-13",), bug="B066")
class RefusedSignaturesRetried(AlteredClient):
    """Takes a refused signature for a passing trouble, and sends the order again and again."""

    half_type = _Half
