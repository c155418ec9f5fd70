"""Shout the signature."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, resealed


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return resealed(request, seal, quote(unquote(seal.text).upper(), safe=""))


@mutant("signature-in-capitals", kills=("SIG-11",), bug="I07")
class SignatureInCapitals(AlteredClient):
    """Writes signatures in capital letters, which base64 does not survive."""

    half_type = _Half
