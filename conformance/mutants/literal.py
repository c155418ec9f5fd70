"""Decide by the text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.categories import Category
from conformance.model.outcomes import Outcome, Rejected
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient

_KNOWN = ("insufficient", "not enough", "unknown order", "does not exist", "not exists")


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        outcome = self.original.read(call, reply)
        if isinstance(outcome, Rejected) and not any(
            text in outcome.text.lower() for text in _KNOWN
        ):
            return replace(outcome, category=Category.REQUEST)
        return outcome


@mutant("decides-by-text", kills=("ERR-11",), bug="B019")
class DecidesByText(AlteredClient):
    """Tells refusals apart by their text, which the venue words as it likes."""

    half_type = _Half
