"""Go on while banned."""

from __future__ import annotations

from typing import Any

from conformance.cases import mutant
from conformance.contracts.client import Call, Silence
from conformance.model.wire import WireReply
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def silence(self, call: Call[Any], reply: WireReply) -> Silence | None:
        asked: Silence | None = self.original.silence(call, reply)
        return None if asked is None or asked.banned else asked


@mutant("ban-ignored", kills=("MON-27", "RTL-03"), bug="B118")
class BanIgnored(AlteredClient):
    """Goes on asking while its address is banned."""

    half_type = _Half
