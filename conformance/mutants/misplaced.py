"""Put the signature somewhere else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, unsealed


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        bare = unsealed(request, seal)
        if seal.part != "headers":
            return bare._replace(headers=(*bare.headers, (seal.name, seal.text)))
        field = f"{seal.name}={quote(seal.text, safe='')}".encode()
        return bare._replace(query=b"&".join(filter(None, (bare.query, field))))


@mutant("signature-in-the-wrong-place", kills=("MON-02", "SIG-03"), bug="B107")
class SignatureInTheWrongPlace(AlteredClient):
    """Sends the signature as a header where a parameter is due, and the other way round."""

    half_type = _Half
