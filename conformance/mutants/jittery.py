"""Stamp with an unsteady hand."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, ClientHalf
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._early_ms = cycle((0, 300))

    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        return self.original.sign(call, credentials, at - next(self._early_ms))


@mutant("timestamps-run-backwards", kills=("MON-08",), during=("ORD-01",), bug="I08")
class TimestampsRunBackwards(AlteredClient):
    """Stamps every second request 300 ms in the past."""

    half_type = _Half
