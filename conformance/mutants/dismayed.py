"""Give up where a way back is barred in a way that nobody thought of."""

from __future__ import annotations

import socket
from typing import ClassVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Connect, Stream


class _Connect(Connect):
    async def connect(self) -> ClientConnection:
        try:
            return await super().connect()
        except (InvalidStatus, socket.gaierror) as error:
            raise LookupError(str(error)) from error


class _Stream(Stream):
    connect_type: ClassVar[type[Connect]] = _Connect


@mutant("unforeseen-refusal-is-fatal", kills=("RSY-17",), bug="danpaquin/coinbasepro-python#201")
class UnforeseenRefusalIsFatal(ReferenceClient):
    """Lets a handshake that is declined, or a name that is not found, end the stream for good."""

    stream_type = _Stream
