"""Ask and ask."""

from __future__ import annotations

import asyncio

from conformance.cases import mutant
from conformance.client import ReferenceClient


@mutant("book-by-polling", kills=("MON-37",), during=("RSY-12",), bug="I11")
class BookByPolling(ReferenceClient):
    """Asks for the whole book every half second, although there is a stream."""

    async def watch_book(self, symbol: str) -> None:
        await super().watch_book(symbol)
        self._tasks.start(self._poll(symbol))

    async def _poll(self, symbol: str) -> None:
        while True:
            await self._courier.send(self._half.snapshot(symbol))
            await asyncio.sleep(0.5)
