"""Sign one order of parameters, send another."""

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
        if call.operation not in (Operation.QUERY_ORDER, Operation.CANCEL):
            return request
        return request._replace(query=b"&".join(sorted(request.query.split(b"&"))))


@mutant("sorts-after-signing", kills=("SIG-03", "SIG-07"), bug="B110")
class SortsAfterSigning(AlteredClient):
    """Sorts the parameters of queries and cancels after they were signed."""

    half_type = _Half
