"""Sign first."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, fields, unsealed, written


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.address_seal(request, call, credentials, at)
        rest = fields(unsealed(request, seal), seal.part)
        return written(request, seal.part, [(seal.name, seal.text), *rest])


@mutant("signature-not-last", kills=("SIG-03",), bug="I07")
class SignatureNotLast(AlteredClient):
    """Puts the signature before the parameters that it signs."""

    half_type = _Half
