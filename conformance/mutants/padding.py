"""Send more than was signed."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import Operation, WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        request = self.original.sign(call, credentials, at)
        if call.operation is not Operation.BALANCES:
            return request
        return request._replace(body=b"{}")


@mutant("empty-object-unsigned", kills=("SIG-04",), bug="B106")
class EmptyObjectUnsigned(AlteredClient):
    """Sends an empty object, which it did not sign, with a question without parameters."""

    half_type = _Half
