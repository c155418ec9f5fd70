"""Give the secret away."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        request: WireRequest = self.original.sign(call, credentials, at)
        headers = (*request.headers, ("x-debug", f"{credentials.kind}:{credentials.secret}"))
        return request._replace(headers=headers) if call.signed else request


@mutant("secret-in-a-header", kills=("MON-05",), during=("ORD-01",), bug="I36")
class SecretInAHeader(AlteredClient):
    """Sends the secret along, for debugging."""

    half_type = _Half
