"""Show the key where everybody looks."""

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
        if call.signed:
            call = replace(call, params=(*call.params, ("apiKey", credentials.key)))
        return self.original.sign(call, credentials, at)


@mutant("key-in-the-address", kills=("MON-04",), during=("ORD-01",), bug="I31")
class KeyInTheAddress(AlteredClient):
    """Sends the key as a parameter too, where every log of addresses shows it."""

    half_type = _Half
