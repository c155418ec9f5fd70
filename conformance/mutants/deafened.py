"""Hear no request for silence."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call, Silence
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:  # noqa: ARG002
        return None


@mutant("silence-not-kept", kills=("MON-26", "MON-27", "RTL-02", "RTL-03"), bug="B118")
class SilenceNotKept(AlteredClient):
    """Takes a refusal for speed like any other and sends the next request at once."""

    half_type = _Half
