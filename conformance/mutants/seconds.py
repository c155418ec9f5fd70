"""Count in seconds."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        return self.original.sign(call, credentials, at // 1000)


@mutant("time-in-seconds", kills=("SIG-09",), bug="CX")
class TimeInSeconds(AlteredClient):
    """Sends its timestamps in seconds where the venue counts milliseconds."""

    half_type = _Half
