"""Lose the words of the venue."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, Rejected):
            return Rejected(outcome.category, "", f"HTTP {reply.status}")
        return outcome


@mutant("code-and-text-lost", kills=("ERR-03",), bug="B151")
class CodeAndTextLost(AlteredClient):
    """Keeps the HTTP status of a refusal and loses the venue's code and text."""

    half_type = _Half
