"""Show the key to everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        return self.original.sign(replace(call, keyed=True), credentials, at)


@mutant("key-on-public-calls", kills=("MON-03", "SIG-14"), bug="ST")
class KeyOnPublicCalls(AlteredClient):
    """Sends the key with public calls too."""

    half_type = _Half
