"""Die of a broken frame."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases import mutant
from conformance.contracts.client import StreamEvent
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def events(self, frame: bytes | str) -> Sequence[StreamEvent]:
        try:
            return self.original.events(frame)
        except ValueError as error:
            raise RuntimeError("a frame cannot be read") from error


@mutant("broken-frame-kills-stream", kills=("MKT-14",), bug="B029")
class BrokenFrameKillsStream(AlteredClient):
    """Lets the exception of an unreadable frame end the stream's task for good."""

    half_type = _Half
