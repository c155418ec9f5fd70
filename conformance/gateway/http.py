"""HTTP/1.1 on a raw asyncio protocol: bytes in, requests out, answers in order.

RFC 9112. Requests of one connection are served one after the other, so that pipelined answers
keep their order; all answers of one piece of input leave in one write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from typing import Protocol, cast

import httptools

from conformance.gateway.pace import Drip, Pace
from conformance.model.ids import Millis
from conformance.model.wire import RoundTrip, WireReply, WireRequest

HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 1024 * 1024
PIPELINE_MAX = 256
"""Requests of one connection that may wait; a client that sends more is not read any further."""
FIELDS_MAX = 1024
"""Header fields whose decoded form is remembered."""

_fields: dict[tuple[bytes, bytes], tuple[str, str]] = {}
_heads: dict[tuple[int, str], bytes] = {}
_methods: dict[bytes, str] = {}
_lanes = count(1)


class House(Protocol):
    """What a connection needs of the house behind it."""

    tunnels: bool
    """True when CONNECT is a matter of ``upgrade``."""

    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> tuple[WireReply, RoundTrip] | None:
        """Answer at once, or return None and call ``connection.answer`` or ``cut`` later."""

    def replied(self, trip: RoundTrip, reply: WireReply, at: Millis, sent: bytes) -> None:
        """Take note that an answer has left."""

    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Take a connection over for WebSocket."""

    def connected(self, connection: Connection) -> None:
        """Take note of a new connection, or reset it."""

    def lost(self, connection: object) -> None:
        """Forget a connection."""

    def now(self) -> Millis:
        """Return the venue's time."""


class Connection(asyncio.Protocol):
    """One HTTP connection."""

    __slots__ = (
        "__weakref__",
        "_body",
        "_busy",
        "_continued",
        "_drip",
        "_house",
        "_in_body",
        "_in_message",
        "_keep_alive",
        "_lane",
        "_out",
        "_parser",
        "_paused",
        "_peer",
        "_pieces",
        "_raw",
        "_secure",
        "_size",
        "_transport",
        "_upgrading",
        "_url",
        "_waiting",
    )

    def __init__(self, house: House, *, secure: bool) -> None:
        self._house = house
        self._secure = secure
        self._peer = ""
        self._lane = next(_lanes)
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._pieces: tuple[bytes, ...] = ()
        self._size = 0
        self._in_message = False
        self._in_body = False
        self._continued = False
        self._url = b""
        self._raw: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._waiting: deque[tuple[WireRequest, tuple[bytes, ...], bool]] = deque()
        self._busy = False
        self._keep_alive = True
        self._out: list[bytes] = []
        self._upgrading: WireRequest | None = None
        self._paused = False
        self._drip: Drip | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """The transport underneath."""
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = (transport.get_extra_info("peername") or ("",))[0]
        self._house.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        self._waiting.clear()
        if self._drip is not None:
            self._drip.stop()
        self._house.lost(self)

    def data_received(self, data: bytes) -> None:
        """Parse a piece of input and send all answers that are ready."""
        self._pieces = (*self._pieces, data) if self._in_message else (data,)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self._reject(HTTPStatus.BAD_REQUEST)
        if self._in_message:
            self._size += len(data)
            self._check_size()
        self._flush()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._url = b""
        self._raw = []
        self._body = []
        self._size = 0
        self._in_message = True
        self._in_body = self._continued = False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self._raw.append((name, value))

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self._in_body = True
        self._size = 0

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Serve the request, or let it wait for the one before."""
        self._in_message = False
        target, _, query = self._url.partition(b"?")
        method = self._parser.get_method()
        body = self._body
        request = WireRequest(
            _methods.get(method) or _method(method),
            target.decode("latin-1"),
            query,
            tuple([_fields.get(pair) or _field(pair) for pair in self._raw]),
            (body[0] if len(body) == 1 else b"".join(body)) if body else b"",
            self._peer,
            self._secure,
            self._lane,
        )
        pieces = self._pieces
        if len(pieces) > 1:
            self._pieces = pieces[-1:]
        keep_alive = self._parser.should_keep_alive()
        if self._parser.should_upgrade():
            # Other upgrades (h2c) are ignored, RFC 9110, 7.8; what follows them is not read.
            keep_alive = False
            if request.method == "CONNECT" and self._house.tunnels:
                self._upgrading = request
                return
            if (request.header("upgrade") or "").lower() == "websocket":
                self._upgrading = request
                return
        if self._busy or self._waiting:
            self._queue(request, pieces, keep_alive=keep_alive)
        else:
            self._serve(request, pieces, keep_alive=keep_alive)

    def answer(
        self, reply: WireReply, trip: RoundTrip, pace: Pace | None = None, missing: int = 0
    ) -> None:
        """Send the answer that was owed, and serve what waits behind it.

        With a ``pace`` the answer leaves in pieces. With ``missing`` bytes it breaks off so far
        before its end, and the connection is closed.
        """
        if missing:
            self._waiting.clear()
            self._keep_alive = False
        at = self._house.now()
        sent = self._encoded(reply, trip, at)
        if missing:
            sent = sent[:-missing]
        self._house.replied(trip, reply, at, sent)
        if pace is None:
            self._out.append(sent)
            self._go_on()
        else:
            self._drip = Drip(self._transport, pace, self._go_on)
            self._drip.feed(sent)

    def _go_on(self) -> None:
        self._busy = False
        self._next()
        self._flush()

    def cut(self) -> None:
        """Close the connection without an answer."""
        self._waiting.clear()
        self._transport.abort()

    def send_last(self, reply: WireReply) -> bytes:
        """Answer and close."""
        self._keep_alive = False
        sent = encode(reply, self._house.now(), keep_alive=False)
        self._transport.write(sent)
        self._transport.close()
        return sent

    def _serve(self, request: WireRequest, pieces: tuple[bytes, ...], *, keep_alive: bool) -> None:
        if not self._keep_alive:
            return
        self._keep_alive = keep_alive
        served = self._house.serve(request, pieces, self)
        if served is None:
            self._busy = True
        else:
            reply, trip = served
            self._write(reply, trip, trip.received_ms)

    def _queue(self, request: WireRequest, pieces: tuple[bytes, ...], *, keep_alive: bool) -> None:
        self._waiting.append((request, pieces, keep_alive))
        if len(self._waiting) >= PIPELINE_MAX and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _next(self) -> None:
        while self._waiting and not self._busy:
            request, pieces, keep_alive = self._waiting.popleft()
            self._serve(request, pieces, keep_alive=keep_alive)
        if self._paused and not self._waiting:
            self._paused = False
            self._transport.resume_reading()

    def _write(self, reply: WireReply, trip: RoundTrip, at: Millis) -> None:
        sent = self._encoded(reply, trip, at)
        self._out.append(sent)
        self._house.replied(trip, reply, at, sent)

    def _encoded(self, reply: WireReply, trip: RoundTrip, at: Millis) -> bytes:
        bodiless = trip.request.method == "HEAD"
        return encode(reply, at, keep_alive=self._keep_alive, bodiless=bodiless)

    def _flush(self) -> None:
        out = self._out
        if out:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))
            self._out = []
        if not self._keep_alive and not self._busy:
            self._transport.close()

    def _check_size(self) -> None:
        if not self._in_body:
            if self._size > HEAD_BYTES_MAX:
                self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif sum(map(len, self._body)) > BODY_BYTES_MAX:
            self._reject(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif not self._continued and _expects_continue(self._raw):
            self._continued = True
            self._out.append(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _reject(self, status: HTTPStatus) -> None:
        """Refuse bytes that are no acceptable HTTP, and close."""
        self._in_message = False
        self._flush()
        self.send_last(WireReply(status, status.phrase.encode(), content_type="text/plain"))

    def _switch(self, rest: bytes) -> None:
        request, self._upgrading = self._upgrading, None
        self._flush()
        if request is not None:
            self._house.upgrade(self, request, rest)


def encode(reply: WireReply, at: Millis, *, keep_alive: bool, bodiless: bool = False) -> bytes:
    """Return the bytes of an answer sent at ``at``.

    An answer without a content type of its own states all its fields, the date too.
    """
    status, body, headers, content_type = reply
    fields = _date(at // 1000) if content_type else b""
    if headers:
        fields += "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")
    if not keep_alive:
        fields += b"connection: close\r\n"
    head = _heads.get((status, content_type)) or _head(reply)
    shown = b"" if bodiless else body
    return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, fields, len(body), shown)


def _head(reply: WireReply) -> bytes:
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Unassigned"
    kind = f"content-type: {reply.content_type}\r\n" if reply.content_type else ""
    head = f"HTTP/1.1 {reply.status} {phrase}\r\n{kind}".encode("latin-1")
    return _heads.setdefault((reply.status, reply.content_type), head)


_last_date = (0, b"")


def _date(second: int) -> bytes:
    """Return the Date field, made once a second (RFC 9110, 6.6.1)."""
    global _last_date  # noqa: PLW0603 - a cache of one value
    if _last_date[0] != second:
        _last_date = (second, f"date: {formatdate(second, usegmt=True)}\r\n".encode())
    return _last_date[1]


def _field(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    field = pair[0].decode("latin-1").lower(), pair[1].decode("latin-1")
    if len(_fields) < FIELDS_MAX:
        _fields[pair] = field
    return field


def _expects_continue(raw: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"expect" and value == b"100-continue" for name, value in raw)


def _method(raw: bytes) -> str:
    return _methods.setdefault(raw, raw.decode("ascii"))
