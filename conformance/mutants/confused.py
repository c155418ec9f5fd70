"""Take the one for the other."""

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
        confused = replace(credentials, secret=credentials.key)
        return self.original.sign(call, confused, at)


@mutant("key-taken-for-the-secret", kills=("SIG-01", "SIG-03"), bug="CX")
class KeyTakenForTheSecret(AlteredClient):
    """Signs with the public key in the place of the secret."""

    half_type = _Half
