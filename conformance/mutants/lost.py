"""Give up where the name is not found."""

from __future__ import annotations

import socket
from typing import ClassVar

from websockets.asyncio.client import ClientConnection

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Connect, Stream


class _Connect(Connect):
    async def connect(self) -> ClientConnection:
        try:
            return await super().connect()
        except socket.gaierror as error:
            raise LookupError(error.strerror) from error


class _Stream(Stream):
    connect_type: ClassVar[type[Connect]] = _Connect


@mutant("name-not-found-is-fatal", kills=("RSY-17",), bug="askmike/deribit-v2-ws#22")
class NameNotFoundIsFatal(ReferenceClient):
    """Lets a name that is not found for a moment end the stream for good."""

    stream_type = _Stream
