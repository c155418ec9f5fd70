"""Live in another zone."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient

_HOUR_MS = 3_600_000


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        return self.original.sign(call, credentials, at + _HOUR_MS)


@mutant("time-of-another-zone", kills=("SIG-09",), bug="morpheums/Binance.API.Csharp.Client#40")
class TimeOfAnotherZone(AlteredClient):
    """Sends the time of its own zone, an hour ahead, in the place of universal time."""

    half_type = _Half
