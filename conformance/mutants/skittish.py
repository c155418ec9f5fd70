"""Take every pause of one's own for the venue's silence."""

from __future__ import annotations

import asyncio
import time

from conformance.cases import mutant
from conformance.client import ReferenceClient

LOOK_S, LATE_S = 0.05, 0.15


@mutant("pause-taken-for-silence", kills=("STR-09",), bug="I40")
class PauseTakenForSilence(ReferenceClient):
    """Gives its stream up whenever it wakes up late, though nobody else was silent."""

    async def start(self) -> None:
        await super().start()
        self._tasks.start(self._watch())

    async def _watch(self) -> None:
        while True:
            looked = time.monotonic()
            await asyncio.sleep(LOOK_S)
            if time.monotonic() - looked > LATE_S:
                self._session.stream.replace()
