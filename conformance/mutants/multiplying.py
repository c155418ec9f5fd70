"""Open one connection too many."""

from __future__ import annotations

import asyncio
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan


class _Stream(Stream):
    def __init__(self, *args: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args)
        self._spare: list[asyncio.Task[None]] = []

    async def _live(self, plan: StreamPlan) -> None:
        if self._failures:
            self._spare.append(asyncio.ensure_future(super()._live(plan)))
        await super()._live(plan)


@mutant("second-socket-after-reconnect", kills=("MON-32", "RSY-12"), bug="B155")
class SecondSocketAfterReconnect(ReferenceClient):
    """Opens a second connection at every reconnect and leaves the first one running."""

    stream_type = _Stream
