"""Write escapes in another case."""

from __future__ import annotations

import re
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import AlteredClient
from conformance.mutants.forged import Forger, but_for_the_seal

_ESCAPE = re.compile(rb"%[0-9A-F]{2}")


class _Half(Forger):
    def forge(
        self, request: WireRequest, call: Call[Any], credentials: Credentials, at: int
    ) -> WireRequest:
        seal = self.seal(request, call, credentials, at)
        return but_for_the_seal(
            request, seal, lambda text: _ESCAPE.sub(lambda found: found[0].lower(), text)
        )


@mutant("escapes-in-lower-case-after-signing", kills=("SIG-02",), bug="I05")
class EscapesInLowerCaseAfterSigning(AlteredClient):
    """Writes the digits of escapes in lower case after they were signed in upper case."""

    half_type = _Half
