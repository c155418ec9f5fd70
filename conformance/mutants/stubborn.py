"""Never take no for an answer."""

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
        if isinstance(outcome, Rejected) and outcome.category in (
            Category.REQUEST,
            Category.STATE,
        ):
            return replace(outcome, category=Category.RETRY)
        return outcome


@mutant("retries-every-refusal", kills=("ERR-01", "ERR-08", "MON-23", "ORD-13"), bug="B066")
class RetriesEveryRefusal(AlteredClient):
    """Takes every refusal of a request for a passing trouble and sends it again."""

    half_type = _Half
