"""Read the secret with the end of its line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call
from conformance.model.wire import WireRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def sign(self, call: Call[Any], credentials: Credentials, at: int) -> WireRequest:
        frayed = replace(credentials, secret=f"{credentials.secret}\n")
        return self.original.sign(call, frayed, at)


@mutant("secret-with-line-end", kills=("SIG-01", "SIG-03"), bug="akamai/AkamaiOPEN-edgegrid-php#3")
class SecretWithALineEnd(AlteredClient):
    """Takes the line end behind a secret for a part of it."""

    half_type = _Half
