"""Keep a session alive until something goes wrong."""

from __future__ import annotations

import asyncio

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.session import Session
from conformance.contracts.client import StreamKeys
from conformance.model.capabilities import Way
from conformance.model.outcomes import Accepted


class _Session(Session):
    async def _keep(self, keys: StreamKeys) -> None:
        while True:
            await asyncio.sleep(keys.extend_ms / 1000)
            if not isinstance(await self._courier.send(keys.extend(self._key)), Accepted):
                return


@mutant(
    "upkeep-ends-at-first-failure",
    kills=("MON-35", "RSY-05"),
    bug="oliver-zehentleitner/unicorn-binance-websocket-api#301",
    ways=[Way.STREAM_KEYS],
)
class UpkeepEndsAtFirstFailure(ReferenceClient):
    """Lets the first failure end the task that keeps the user stream's session alive."""

    session_type = _Session
