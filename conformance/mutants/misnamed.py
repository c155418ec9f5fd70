"""Call the key by another name."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        del call, at
        key = credentials.key
        return request._replace(
            headers=tuple(("x-api-key", v) if v == key else (n, v) for n, v in request.headers)
        )


@mutant("key-in-the-wrong-header", kills=("MON-02", "SIG-08"), bug="CX")
class KeyInTheWrongHeader(AlteredClient):
    """Sends the key in a header that this venue does not read."""

    half_type = _Half
