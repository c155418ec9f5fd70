"""Write the body anew."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, but_for_the_seal


def _spaced(text: bytes) -> bytes:
    if text[:1] in (b"{", b"["):
        return json.dumps(json.loads(text)).encode()
    pairs = parse_qsl(text.decode(), keep_blank_values=True)
    if not any(value[:1] in ("{", "[") for _, value in pairs):
        return text
    return urlencode(
        [(n, json.dumps(json.loads(v)) if v[:1] in ("{", "[") else v) for n, v in pairs]
    ).encode()


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return but_for_the_seal(request, seal, _spaced)


@mutant("body-written-anew-after-signing", kills=("SIG-06",), bug="I06")
class BodyWrittenAnewAfterSigning(AlteredClient):
    """Signs compact JSON and sends the same JSON with spaces in it."""

    half_type = _Half
