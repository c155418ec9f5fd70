"""WebSocket connections: RFC 6455 without I/O by ``websockets``, on the same port as REST.

Frames of the server are made here (unmasked, never fragmented, no extensions), everything else
by the sans-I/O protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from conformance.gateway.pace import Drip, Pace
from conformance.model.wire import Push, Stream, WireRequest

MESSAGE_BYTES_MAX = 1024 * 1024
QUEUE_MAX = 10_000
"""Frames that may wait for a slow reader before its stream is closed."""
CLOSE_S = 10.0
"""How long a peer may take to answer a close frame before it is cut."""
ABNORMAL, POLICY, GOING_AWAY = 1006, 1008, 1001
"""Close codes (RFC 6455, 7.4.1)."""
PONG_HEAD = 0x8A
"""First byte of a pong frame (RFC 6455, 5.2)."""
OPEN_OPCODES = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Board(Protocol):
    """What a stream needs of the hub."""

    def received(self, channel: Channel, payload: bytes) -> None:
        """Take a message of the client."""

    def note(self, channel: Channel, opcode: str, payload: bytes, *, inbound: bool) -> None:
        """Take note of a control frame."""

    def ended(self, channel: Channel, code: int, *, by_peer: bool) -> None:
        """Take note of a stream's end; called once."""

    def drained(self, channel: Channel) -> None:
        """Send what had to wait for a slow reader."""

    def lost(self, connection: object) -> None:
        """Forget a connection."""


class Channel(asyncio.Protocol):
    """One WebSocket connection."""

    def __init__(self, board: Board, record: Stream, facts: Mapping[str, Any]) -> None:
        self.record = record
        self.queue: deque[Push] = deque()
        """What is to be sent, in order; at most QUEUE_MAX."""
        self.silent = False
        """Half-open: nothing is sent any more, and nothing heard."""
        self.deaf = False
        """True while pings are not answered."""
        self.congested = False
        self._drip: Drip | None = None
        self._board = board
        self._facts = facts
        self._wire = ServerProtocol(max_size=MESSAGE_BYTES_MAX)
        self._transport: asyncio.Transport
        self._parts: list[bytes] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._pong_due: asyncio.TimerHandle | None = None
        self._ended = False

    @property
    def open(self) -> bool:
        """True while messages may be sent."""
        return not self._ended and not self._transport.is_closing()

    @property
    def transport(self) -> asyncio.Transport:
        """The transport underneath."""
        return self._transport

    def greet(self, request: WireRequest) -> bytes | None:
        """Check the handshake; return None when it is right, else the bytes that refuse it."""
        lines = [f"{request.method} {target(request)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in request.headers]
        self._wire.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1"))
        for event in self._wire.events_received():
            if isinstance(event, Request):
                response = self._wire.accept(event)
                self._wire.send_response(response)
                if response.status_code == 101:
                    return None
        return b"".join(self._wire.data_to_send())

    def take_over(self, transport: asyncio.Transport, rest: bytes) -> None:
        """Complete the handshake on ``transport`` and live."""
        self._transport = transport
        transport.set_protocol(self)
        transport.write(b"".join(self._wire.data_to_send()))
        self._schedule()
        if rest:
            self.data_received(rest)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self.silent:
            return
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._send_control()

    def eof_received(self) -> None:
        """Close when the client has closed its half."""
        if not self.silent:
            self._wire.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        self._end(ABNORMAL, by_peer=True)
        self._cancel_timers()
        self._board.lost(self)

    def pause_writing(self) -> None:
        """Hold messages back: the client reads too slowly."""
        self.congested = True

    def resume_writing(self) -> None:
        """Send what was held back."""
        self.congested = False
        self._board.drained(self)

    def write(self, parts: list[bytes]) -> None:
        """Send frames, head and payload each a part, in one write."""
        self._put(b"".join(parts))

    def slow(self, pace: Pace | None) -> None:
        """Let bytes leave in pieces from now on; None: at once again, those that wait too."""
        if self._drip is not None:
            self._drip.rush()
        self._drip = None if pace is None else Drip(self._transport, pace)

    def hang_up(self) -> None:
        """End the connection behind what was written, without a close frame."""
        if self._drip is not None:
            self._drip.rush()
        self._end(ABNORMAL, by_peer=False)
        self._transport.close()

    def _put(self, data: bytes) -> None:
        if self._drip is None:
            self._transport.write(data)
        else:
            self._drip.feed(data)

    def ping(self, payload: bytes) -> None:
        """Send a ping."""
        if not self.silent and self.open:
            self._wire.send_ping(payload)
            self._board.note(self, "ping", payload, inbound=False)
            self._send_control()

    def close(self, code: int, reason: str = "") -> None:
        """Close the stream; 1006 cuts the connection without a close frame."""
        if not self.open:
            return
        if code == ABNORMAL:
            self.cut()
            return
        self._end(code, by_peer=False)
        self._wire.send_close(code, reason)
        self._send_control()
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(CLOSE_S, self._transport.abort))

    def cut(self) -> None:
        """Break the connection."""
        self._end(ABNORMAL, by_peer=False)
        self._transport.abort()

    def _take(self, frame: Frame) -> None:
        payload = bytes(frame.data)
        if frame.opcode in OPEN_OPCODES:
            self._parts.append(payload)
            if frame.fin:
                message, self._parts = b"".join(self._parts), []
                self._board.received(self, message)
            return
        self._board.note(self, frame.opcode.name.lower(), payload, inbound=True)
        if frame.opcode is Opcode.PING:
            if not self.deaf:
                self._board.note(self, "pong", payload, inbound=False)
        elif frame.opcode is Opcode.PONG:
            self._pong()
        elif frame.opcode is Opcode.CLOSE:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self._end(code, by_peer=True)

    def _send_control(self) -> None:
        """Send what the protocol wants sent; an empty piece ends the connection."""
        for data in self._wire.data_to_send():
            if not data:
                self.slow(None)
                self._transport.close()
            elif not (self.deaf and data[0] == PONG_HEAD):
                self._put(data)
        if self._wire.close_expected() and self._wire.parser_exc is not None:
            self._end(self._wire.close_code or ABNORMAL, by_peer=False)

    def _end(self, code: int, *, by_peer: bool) -> None:
        if not self._ended:
            self._ended = True
            self.queue.clear()
            self._cancel_timers()
            self._board.ended(self, code, by_peer=by_peer)

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        if self._facts.get("ping_ms"):
            self._timers = [loop.call_later(self._facts["ping_ms"] / 1000, self._ping)]
        if self._facts.get("life_ms"):
            self._timers.append(
                loop.call_later(self._facts["life_ms"] / 1000, self.close, GOING_AWAY)
            )

    def _ping(self) -> None:
        """Send a ping, and the next one in due course."""
        loop = asyncio.get_running_loop()
        self._timers[0] = loop.call_later(self._facts["ping_ms"] / 1000, self._ping)
        if self.silent or not self.open:
            return
        self.ping(str(round(loop.time() * 1000)).encode())
        if self._pong_due is None and self._facts.get("pong_ms"):
            self._pong_due = loop.call_later(
                self._facts["pong_ms"] / 1000, self.close, POLICY, "Pong timeout"
            )

    def _pong(self) -> None:
        if self._pong_due is not None:
            self._pong_due.cancel()
            self._pong_due = None

    def _cancel_timers(self) -> None:
        self._pong()
        if self._drip is not None and self._transport.is_closing():
            self._drip.stop()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


def head(text: bytes, first: int = 0x81) -> bytes:
    """Return the head of an unmasked frame; ``first``: FIN and opcode (RFC 6455, 5.2)."""
    length = len(text)
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return b"%c\x7e%b" % (first, length.to_bytes(2, "big"))
    return b"%c\x7f%b" % (first, length.to_bytes(8, "big"))


def target(request: WireRequest) -> str:
    """Return path and query as the client sent them."""
    query = request.query.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path
