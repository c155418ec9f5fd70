"""WebSocket towards the venue: RFC 6455 without I/O by ``websockets``, on a connection of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import WebSocketURI

from conformance.model.wire import WireReply, WireRequest
from conformance.tap.upstream import (
    ANSWER_S_MAX,
    HOP_BY_HOP,
    READ_BYTES,
    Lost,
    Upstream,
    dial,
)

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
LOGGER = logging.getLogger(__name__)
"""What is told of the venue's side must not be taken for the testee's own words."""
ABNORMAL = 1006
"""Close code of a stream that ended without a word (RFC 6455, 7.1.5)."""


class Refused(Exception):
    """The venue answers the handshake with something else than a stream."""

    def __init__(self, reply: WireReply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


class Ear(Protocol):
    """What listens to the venue's side of a stream."""

    def heard(self, message: bytes) -> None:
        """Take a message of the venue."""

    def pinged(self, payload: bytes) -> None:
        """Take a ping of the venue; it was answered."""

    def over(self, code: int, reason: str) -> None:
        """Take note that the venue's side has ended; called once."""


class Feed:
    """The venue's side of one stream."""

    def __init__(
        self, wire: ClientProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._wire = wire
        self._reader = reader
        self._writer = writer
        self._parts: list[bytes] = []
        self._listening: asyncio.Task[None] | None = None

    def listen(self, ear: Ear, began: Callable[[asyncio.Task[None]], None]) -> None:
        """Hand everything the venue says to ``ear``; ``began`` is told the task that does so."""
        self._listening = asyncio.get_running_loop().create_task(self._listen(ear))
        began(self._listening)

    def send(self, message: bytes) -> None:
        """Pass on a message of the client."""
        if self._wire.state is State.OPEN:
            self._wire.send_text(message)
            self._flush()

    def close(self, code: int) -> None:
        """End the stream as the client did; 1006 cuts the connection."""
        if code != ABNORMAL and self._wire.state is State.OPEN:
            if code == 1005:
                self._wire.send_close()
            else:
                self._wire.send_close(code)
            self._flush()
            self._writer.close()
        else:
            self._writer.transport.abort()
        if self._listening is not None:
            self._listening.cancel()

    async def _listen(self, ear: Ear) -> None:
        while True:
            self._told(ear)
            self._flush()
            try:
                data = await self._reader.read(READ_BYTES)
            except OSError:
                break
            if not data:
                break
            self._wire.receive_data(data)
        self._writer.transport.abort()
        closing = self._wire.close_rcvd
        ear.over(*((closing.code, closing.reason) if closing is not None else (ABNORMAL, "")))

    def _told(self, ear: Ear) -> None:
        for event in self._wire.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    message, self._parts = b"".join(self._parts), []
                    ear.heard(message)
            elif event.opcode is Opcode.PING:
                ear.pinged(bytes(event.data))

    def _flush(self) -> None:
        for data in self._wire.data_to_send():
            if data:
                self._writer.write(data)
            else:
                self._writer.close()


async def open_feed(upstream: Upstream, request: WireRequest) -> Feed:
    """Repeat a client's handshake at the venue. Raises Refused, Lost or Unreachable."""
    target = upstream.streams
    query = request.query.decode("latin-1")
    uri = WebSocketURI(target.secure, target.host, target.port, request.path, query)
    wire = ClientProtocol(uri, max_size=MESSAGE_BYTES_MAX, logger=LOGGER)
    handshake = wire.connect()
    for name, value in request.headers:
        if name not in HOP_BY_HOP and not name.startswith("sec-websocket-"):
            handshake.headers[name] = value
    reader, writer = await dial(target, upstream.context)
    wire.send_request(handshake)
    writer.write(b"".join(wire.data_to_send()))
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            await _shake(wire, reader)
    except BaseException:
        writer.transport.abort()
        raise
    return Feed(wire, reader, writer)


async def _shake(wire: ClientProtocol, reader: asyncio.StreamReader) -> None:
    while wire.state is State.CONNECTING and wire.handshake_exc is None:
        data = await reader.read(READ_BYTES)
        if data:
            wire.receive_data(data)
        else:
            wire.receive_eof()
            break
    error = wire.handshake_exc
    if isinstance(error, InvalidStatus):
        raise Refused(_reply(error.response))
    if isinstance(error, InvalidHandshake) or wire.state is not State.OPEN:
        raise Lost(f"the handshake failed: {error}")


def _reply(response: Response) -> WireReply:
    headers = tuple(
        (name.lower(), value)
        for name, value in response.headers.raw_items()
        if name.lower() not in HOP_BY_HOP
    )
    return WireReply(response.status_code, bytes(response.body), headers, "")
