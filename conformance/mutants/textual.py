"""Read text only."""

from __future__ import annotations

from websockets.asyncio.client import ClientConnection

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan


class _Stream(Stream):
    async def _listen(self, socket: ClientConnection, plan: StreamPlan) -> None:
        receive = socket.recv

        async def text(*, decode: bool) -> bytes:  # noqa: ARG001 - the fault
            frame = await receive()
            assert isinstance(frame, str)
            return frame.encode()

        vars(socket)["recv"] = text
        await super()._listen(socket, plan)


@mutant("binary-frame-kills-stream", kills=("MKT-14",), bug="nautechsystems/nautilus_trader#4509")
class BinaryFrameKillsStream(ReferenceClient):
    """Takes every message for text, and dies of the first one that is not."""

    stream_type = _Stream
