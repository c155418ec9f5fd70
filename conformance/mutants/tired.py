"""Give up knocking."""

from __future__ import annotations

import asyncio

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan

_TRIES = 5


class _Stream(Stream):
    async def _live(self, plan: StreamPlan) -> None:
        if self._failures > _TRIES:
            await asyncio.Event().wait()
        await super()._live(plan)


@mutant("gives-up-reconnecting", kills=("MON-33", "RSY-08", "RSY-13"), bug="B129")
class GivesUpReconnecting(ReferenceClient):
    """Gives up a stream for good after a handful of refused connections."""

    stream_type = _Stream
