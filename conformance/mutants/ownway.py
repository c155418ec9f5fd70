"""Wait as long as it pleases."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call, Silence
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:
        asked: Silence | None = self.original.silence(call, reply)
        return None if asked is None else Silence(pools=asked.pools, banned=asked.banned)


@mutant("own-pause-instead-of-stated", kills=("MON-26", "RTL-02"), bug="B119")
class OwnPauseInsteadOfStated(AlteredClient):
    """Pauses for a time of its own, shorter than the one that the venue stated."""

    half_type = _Half
