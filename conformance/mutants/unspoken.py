"""Drop what is empty, after it was signed."""

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
        longer = replace(call, params=(*call.params, ("note", "")))
        return self.grafted(request, call, longer, credentials, at)


@mutant("empty-value-signed-not-sent", kills=("SIG-03",), bug="B106")
class EmptyValueSignedNotSent(AlteredClient):
    """Signs a parameter without a value, which it then does not send."""

    half_type = _Half
