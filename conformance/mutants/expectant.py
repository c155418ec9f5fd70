"""Wait for ever for a connection."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan

_FOREVER_MS = 1_000_000_000


class _Stream(Stream):
    async def _live(self, plan: StreamPlan) -> None:
        self._settings = replace(self._settings, connect_ms_max=_FOREVER_MS)
        await super()._live(plan)


@mutant("handshake-without-time-out", kills=("RSY-17",), bug="pmxt-dev/pmxt#253")
class HandshakeWithoutTimeOut(ReferenceClient):
    """Waits for ever for the answer to a handshake."""

    stream_type = _Stream
