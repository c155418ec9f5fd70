"""Answer no ping."""

from __future__ import annotations

from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.stream import Stream
from conformance.contracts.client import StreamPlan
from conformance.model.capabilities import Way


class _Stream(Stream):
    async def _listen(self, socket: ClientConnection, plan: StreamPlan) -> None:
        send = socket.protocol.send_frame

        def without_pongs(frame: Frame) -> None:
            if frame.opcode is not Opcode.PONG:
                send(frame)

        vars(socket.protocol)["send_frame"] = without_pongs
        await super()._listen(socket, plan)


@mutant("pings-unanswered", kills=("MON-30", "RSY-03"), bug="B136", ways=[Way.VENUE_PINGS])
class PingsUnanswered(ReferenceClient):
    """Answers no ping of the venue."""

    stream_type = _Stream
