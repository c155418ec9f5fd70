"""Fall behind when much happens at once."""

from __future__ import annotations

import asyncio
from collections import deque

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.client import StreamEvent

EACH_S = 0.03
"""What it takes over one event."""


@mutant("events-one-at-a-time", kills=("STR-02",), bug="I40")
class EventsOneAtATime(ReferenceClient):
    """Takes 30 ms over every event of its account, one after the other."""

    def __init__(self, endpoints: Endpoints, credentials: Credentials) -> None:
        super().__init__(endpoints, credentials)
        self._behind: deque[StreamEvent] = deque()
        self._more = asyncio.Event()

    async def start(self) -> None:
        await super().start()
        self._tasks.start(self._work())

    def _event(self, event: StreamEvent) -> None:
        self._behind.append(event)
        self._more.set()

    async def _work(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._behind:
                await asyncio.sleep(EACH_S)
                super()._event(self._behind.popleft())
