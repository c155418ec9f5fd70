"""Sign one string, send another."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        request = self.original.sign(call, credentials, at)
        return request._replace(query=_plain(request.query), body=_plain(request.body))


def _plain(payload: bytes) -> bytes:
    return payload.replace(b"%2F", b"/").replace(b"%3A", b":")


@mutant("decodes-after-signing", kills=("MON-01", "SIG-02"), bug="B104")
class DecodesAfterSigning(AlteredClient):
    """Decodes slashes and colons after the signature was made over their encoded form."""

    half_type = _Half
