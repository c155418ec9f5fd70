"""Share everything, the keys too."""

from __future__ import annotations

from typing import Any, ClassVar

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    latest: ClassVar[Credentials]

    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:  # noqa: ARG002 - the fault
        return self.original.sign(call, self.latest, at)


@mutant("keys-shared-by-all", kills=("KEY-08",), bug="ccxt/node-binance-api#392")
class KeysSharedByAll(AlteredClient):
    """Keeps the credentials for all clients of the process in one place: the last ones win."""

    half_type = _Half

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials)
        _Half.latest = credentials
