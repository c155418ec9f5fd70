"""Renew half of it."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, ClientHalf
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, resealed


class _Half(Forger):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._first: dict[Call[Any], str] = {}

    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return resealed(request, seal, self._first.setdefault(call, seal.text))


@mutant("time-renewed-signature-kept", kills=("MON-01", "SIG-12"), bug="I04")
class TimeRenewedSignatureKept(AlteredClient):
    """Puts a new timestamp into a retry and keeps the signature of the first attempt."""

    half_type = _Half
