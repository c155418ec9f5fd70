"""Forget the key where it is needed."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, StreamKeys
from conformance.errors import Beyond
from conformance.model.capabilities import Way
from conformance.mutants.altered import Altered, AlteredClient


class _Keys:
    def __init__(self, keys: StreamKeys) -> None:
        self._keys = keys
        self.extend_ms = keys.extend_ms

    def create(self) -> Call[str]:
        return self._keys.create()

    def extend(self, key: str) -> Call[None]:
        return replace(self._keys.extend(key), keyed=False)


class _Half(Altered):
    @property
    def stream_keys(self) -> StreamKeys | None:
        keys = self.original.stream_keys
        if keys is None:
            raise Beyond("the streams of this venue open without a key that wants upkeep")
        return _Keys(keys)


@mutant(
    "upkeep-without-key", kills=("MON-02", "RSY-05", "SIG-08"), bug="B148", ways=[Way.STREAM_KEYS]
)
class UpkeepWithoutKey(AlteredClient):
    """Keeps the user stream's session alive without showing its key."""

    half_type = _Half
