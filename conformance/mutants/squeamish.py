"""Die of what the private stream brings."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.session import Session


class _Session(Session):
    def _frame(self, frame: bytes) -> bool:
        events = self._half.events(frame)
        for event in events:
            self._take(event)
        return bool(events)


@mutant(
    "broken-frame-kills-private-stream",
    kills=("MKT-14",),
    bug="altangent/ccxws#26",
)
class BrokenFrameKillsPrivateStream(ReferenceClient):
    """Minds its market stream, and lets one unreadable frame end the private one for good."""

    session_type = _Session
