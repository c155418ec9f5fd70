"""Let the session lapse."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.session import Session
from conformance.contracts.client import StreamKeys
from conformance.model.capabilities import Way


class _Session(Session):
    async def _keep(self, keys: StreamKeys) -> None:
        """Keep nothing alive."""


@mutant(
    "session-never-extended",
    kills=("MON-35", "RSY-05", "STR-07"),
    bug="B145",
    ways=[Way.STREAM_KEYS],
)
class SessionNeverExtended(ReferenceClient):
    """Never keeps the user stream's session alive."""

    session_type = _Session
