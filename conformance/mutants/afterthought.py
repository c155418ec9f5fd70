"""Think of something after signing."""

from __future__ import annotations

from dataclasses import replace
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
        if not call.params:
            return request
        shorter = replace(call, params=call.params[:-1])
        return self.grafted(request, call, shorter, credentials, at)


@mutant("parameter-added-after-signing", kills=("SIG-01", "SIG-03"), bug="I06")
class ParameterAddedAfterSigning(AlteredClient):
    """Signs first, and then adds the last of the parameters."""

    half_type = _Half
