"""Write the digest in the other alphabet."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import quote, unquote

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, resealed

_HEX = re.compile(r"[0-9a-fA-F]+").fullmatch


def _swapped(text: str) -> str:
    if _HEX(text):
        return b64encode(bytes.fromhex(text)).decode()
    return b64decode(text).hex()


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return resealed(request, seal, quote(_swapped(unquote(seal.text)), safe=""))


@mutant("digest-in-the-other-alphabet", kills=("SIG-01", "SIG-03"), bug="B108")
class DigestInTheOtherAlphabet(AlteredClient):
    """Writes a digest as base64 where hex is asked for, and as hex where base64 is."""

    half_type = _Half
