"""Take every frame for an object."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

from conformance.cases import mutant
from conformance.contracts.client import StreamEvent
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        with contextlib.suppress(json.JSONDecodeError):
            json.loads(frame).get("id")
        return self.original.events(frame)


@mutant("every-frame-an-object", kills=("LIF-15", "MKT-13"), bug="B134")
class EveryFrameAnObject(AlteredClient):
    """Takes every frame for an object and dies of a list, a number or nothing."""

    half_type = _Half
