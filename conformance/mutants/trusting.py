"""Trust every answer to be proper."""

from __future__ import annotations

import json
from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.model.outcomes import Outcome
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def read(self, call: Call[Any], reply: WireReply) -> Outcome[Any]:
        json.loads(reply.body)
        return self.original.read(call, reply)


@mutant("web-page-crashes", kills=("ERR-04", "ERR-06"), bug="I33")
class WebPageCrashes(AlteredClient):
    """Raises its parser's error when an answer is a web page, cut or empty."""

    half_type = _Half
