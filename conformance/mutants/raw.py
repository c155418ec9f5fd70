"""Put base64 into an address as it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

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
        seal = self.address_seal(request, call, credentials, at)
        return resealed(request, seal, unquote(seal.text))


@mutant("base64-not-url-encoded", kills=("SIG-11",), bug="I07")
class Base64NotUrlEncoded(AlteredClient):
    """Leaves the plus signs and slashes of a signature unencoded in an address."""

    half_type = _Half
