"""Stop in name only."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Health


@mutant("streams-outlive-the-end", kills=("KIL-08",), bug="B132")
class StreamsOutliveTheEnd(ReferenceClient):
    """Ends its requests when it is stopped, and lets its streams and timers run on."""

    async def stop(self) -> None:
        self._stage = Health.STOPPED
        await self._courier.close()
