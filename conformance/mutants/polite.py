"""Take a goodbye for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedOK

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream


class _Stream(Stream):
    async def _listen(self, socket: ClientConnection, opening: Sequence[str]) -> None:
        try:
            await super()._listen(socket, opening)
        except ConnectionClosedOK:
            await asyncio.Event().wait()


@mutant("clean-close-is-final", kills=("RSY-01",), bug="B142")
class CleanCloseIsFinal(ReferenceClient):
    """Takes an orderly close by the venue for its own wish and does not reconnect."""

    stream_type = _Stream
