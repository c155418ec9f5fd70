"""Take a goodbye for good."""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedOK

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan


class _Stream(Stream):
    async def _listen(self, socket: ClientConnection, plan: StreamPlan) -> None:
        try:
            await super()._listen(socket, plan)
        except ConnectionClosedOK:
            await asyncio.Event().wait()


@mutant("clean-close-is-final", kills=("RSY-01",), bug="B142")
class CleanCloseIsFinal(ReferenceClient):
    """Takes an orderly close by the venue for its own wish and does not reconnect."""

    stream_type = _Stream
