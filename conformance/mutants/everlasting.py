"""Make requests that never grow old."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.capabilities import Way
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        if call.signed:
            call = replace(call, params=(*call.params, ("recvWindow", "9999999")))
        return self.original.sign(call, credentials, at)


@mutant(
    "window-without-end",
    kills=("MON-09",),
    during=("ORD-01",),
    bug="I08",
    ways=[Way.BOUNDED_WINDOWS],
)
class WindowWithoutEnd(AlteredClient):
    """Lets its requests be good for hours, so that no clock can be wrong."""

    half_type = _Half
