"""Take a pause for the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.capabilities import Way
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, Rejected) and outcome.category is Category.MAINTENANCE:
            return replace(outcome, category=Category.AUTH)
        return outcome


@mutant("maintenance-is-for-ever", kills=("ERR-10",), bug="B141", ways=[Way.MAINTENANCE_TOLD])
class MaintenanceIsForEver(AlteredClient):
    """Stops for good when the venue closes for a while."""

    half_type = _Half
