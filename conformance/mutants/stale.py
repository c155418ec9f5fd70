"""Sign once, send often."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, ClientHalf
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._signed: dict[Call[Any], WireRequest] = {}

    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        if call not in self._signed:
            self._signed[call] = self.original.sign(call, credentials, at)
        return self._signed[call]


@mutant(
    "stale-signature-on-retry", kills=("CLK-02", "CLK-05", "MON-07", "MON-10", "SIG-12"), bug="B052"
)
class StaleSignatureOnRetry(AlteredClient):
    """Sends the old timestamp and signature again when it retries."""

    half_type = _Half
