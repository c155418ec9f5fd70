"""Sign a window, and keep it to oneself."""

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
        headers = tuple(pair for pair in request.headers if "window" not in pair[0])
        if headers != request.headers:
            return request._replace(headers=headers)
        longer = replace(call, params=(*call.params, ("recvWindow", "5000")))
        return self.grafted(request, call, longer, credentials, at)


@mutant("window-signed-not-sent", kills=("SIG-01", "SIG-03"), bug="B106")
class WindowSignedNotSent(AlteredClient):
    """Signs how long a request may be late, and does not send it."""

    half_type = _Half
