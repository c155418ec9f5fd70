"""Be alarmed that all is well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, Rejected) and outcome.category is Category.ALREADY:
            return replace(outcome, category=Category.STATE)
        return outcome


@mutant("already-set-is-fatal", kills=("POS-02",), bug="B063")
class AlreadySetIsFatal(AlteredClient):
    """Takes the news that a setting is in force already for a failure."""

    half_type = _Half
