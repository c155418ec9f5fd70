"""Keep a key that is dead."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.session import Session
from conformance.contracts.client import StreamPlan
from conformance.model.capabilities import Way


class _Session(Session):
    async def _plan(self) -> StreamPlan | None:
        return self._planned() if self._key else await super()._plan()


@mutant("old-session-reused", kills=("RSY-06",), bug="B147", ways=[Way.STREAM_KEYS])
class OldSessionReused(ReferenceClient):
    """Reconnects with the user stream's first key, dead or alive."""

    session_type = _Session
