"""Take the unheard-of for a refusal."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, OutcomeUnknown, Rejected
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient

_SPOKEN = (200, 400)
"""Statuses under which venues refuse in words of their own."""


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, OutcomeUnknown) and reply.status in _SPOKEN:
            return Rejected(Category.REQUEST, "", outcome.cause)
        return outcome


@mutant("unheard-of-code-is-a-refusal", kills=("ERR-07",), bug="B019")
class UnheardOfCodeIsARefusal(AlteredClient):
    """Takes a code from no document for the refusal of the order."""

    half_type = _Half
