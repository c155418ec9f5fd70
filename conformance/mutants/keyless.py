"""Forget the key where it is needed."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def extend_stream_key(self, key: str) -> Call[None]:
        return replace(self.original.extend_stream_key(key), keyed=False)


@mutant("upkeep-without-key", kills=("MON-02", "RSY-05", "SIG-08"), bug="B148")
class UpkeepWithoutKey(AlteredClient):
    """Keeps the user stream's session alive without showing its key."""

    half_type = _Half
