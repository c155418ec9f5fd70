"""Encode, and encode again."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, but_for_the_seal


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return but_for_the_seal(request, seal, lambda text: text.replace(b"%", b"%25"))


@mutant("encoded-twice", kills=("SIG-02", "SIG-15"), bug="B104")
class EncodedTwice(AlteredClient):
    """Encodes parameters again after they were encoded and signed."""

    half_type = _Half
