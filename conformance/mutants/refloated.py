"""Read numbers, and write them again."""

from __future__ import annotations

import re
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, but_for_the_seal

_DECIMAL = re.compile(rb"\d+\.\d+")


def _float(found: re.Match[bytes]) -> bytes:
    return repr(float(found[0]) * 1.1 / 1.1).encode()


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return but_for_the_seal(request, seal, lambda text: _DECIMAL.sub(_float, text))


@mutant("numbers-rewritten-after-signing", kills=("SIG-05",), bug="B093")
class NumbersRewrittenAfterSigning(AlteredClient):
    """Signs decimals as they were given and sends what a binary float makes of them."""

    half_type = _Half
