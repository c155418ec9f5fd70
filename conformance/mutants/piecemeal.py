"""Take every fragment for a message."""

from __future__ import annotations

from typing import Any

from websockets.asyncio.client import ClientConnection

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan


class _Pieces:
    """Stands before a connection and hands out fragments."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pieces: Any = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the connection has
        return getattr(self._socket, name)

    async def recv(self, *, decode: bool) -> bytes:
        while True:
            if self._pieces is None:
                self._pieces = aiter(self._socket.recv_streaming(decode=decode))
            try:
                piece: bytes = await anext(self._pieces)
            except StopAsyncIteration:
                self._pieces = None
            else:
                return piece


class _Stream(Stream):
    async def _listen(self, socket: ClientConnection, plan: StreamPlan) -> None:
        await super()._listen(_Pieces(socket), plan)  # type: ignore[arg-type]


@mutant("fragments-taken-for-messages", kills=("RSY-16",), bug="B029")
class FragmentsTakenForMessages(ReferenceClient):
    """Decodes every WebSocket fragment by itself instead of the message they make up."""

    stream_type = _Stream
