"""The lean transport: HTTP/1.1 on an asyncio protocol with httptools."""

from __future__ import annotations

import asyncio
import ssl

import httptools

from conformance.client.settings import Settings
from conformance.client.transport import AnswerLost, Lane, NotConnected
from conformance.guard import Target
from conformance.model.wire import WireReply, WireRequest


class WireTransport:
    """Lanes of one kept connection each; redirects are answers like any other."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None, settings: Settings) -> None:
        self._target = target
        self._tls = tls
        self._settings = settings

    def lane(self) -> Lane:
        """Return a new lane, not yet connected."""
        return _WireLane(self._target, self._tls, self._settings)


class _WireLane:
    def __init__(self, target: Target, tls: ssl.SSLContext | None, settings: Settings) -> None:
        self._target = target
        self._tls = tls
        self._settings = settings
        self._connection: _Connection | None = None

    async def open(self) -> None:
        """Make sure that there is a connection."""
        if self._connection is not None and self._connection.alive:
            return
        target = self._target
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._settings.connect_ms_max / 1000):
                _, self._connection = await loop.create_connection(
                    lambda: _Connection(target, self._settings),
                    target.host,
                    target.port,
                    ssl=self._tls,
                    server_hostname=target.host if self._tls else None,
                )
        except OSError as error:
            raise NotConnected(type(error).__name__) from None

    async def send(self, request: WireRequest) -> WireReply:
        """Send the bytes and return the answer."""
        if self._connection is None or not self._connection.alive:
            raise NotConnected("the connection is closed")
        return await self._connection.send(request)

    async def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.drop()


class _Connection(asyncio.Protocol):
    """One connection; the parser calls the ``on_`` methods."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self._settings = settings
        host = f"[{target.host}]" if ":" in target.host else target.host
        self._host = f"host: {host}:{target.port}\r\n"
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[WireReply] | None = None
        self._reset()

    @property
    def alive(self) -> bool:
        """True while requests may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: WireRequest) -> WireReply:
        """Send the bytes and return the answer."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._reset()
        answer: asyncio.Future[WireReply] = loop.create_future()
        self._answer = answer
        timer = loop.call_later(self._settings.answer_ms_max / 1000, self._fail, "no answer")
        self._transport.write(self._bytes(request))
        try:
            return await answer
        finally:
            timer.cancel()
            self._answer = None
            if answer.cancelled():
                self.drop()

    def drop(self) -> None:
        """Close without goodbye."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _bytes(self, request: WireRequest) -> bytes:
        query = request.query
        target = f"{request.path}?{query.decode('latin-1')}" if query else request.path
        fields = "".join([f"{name}: {value}\r\n" for name, value in request.headers])
        body = request.body
        length = f"content-length: {len(body)}\r\n" if body or request.method != "GET" else ""
        head = f"{request.method} {target} HTTP/1.1\r\n{self._host}{fields}{length}\r\n"
        return head.encode("latin-1") + body

    def _reset(self) -> None:
        self._headers: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []
        self._length = 0
        self._framed = False
        self._status = 0

    def _fail(self, cause: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(AnswerLost(cause))
        self.drop()

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._answer.set_result(WireReply(self._status, body, tuple(self._headers)))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start reading answers."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; bytes nobody asked for close the connection."""
        if self._answer is None or self._answer.done():
            self.drop()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("the answer is no HTTP")

    def connection_lost(self, exc: Exception | None) -> None:
        """Complete an answer that ends with the connection, fail any other."""
        self._transport = None
        if self._status and not self._framed and exc is None:
            self._finish()
        self._fail("the connection was lost" if exc is None else type(exc).__name__)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one field (called by the parser)."""
        field = name.decode("latin-1").lower()
        if field in ("content-length", "transfer-encoding"):
            self._framed = True
        self._headers.append((field, value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Note the status (called by the parser)."""
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body (called by the parser)."""
        self._length += len(body)
        if self._length > self._settings.body_bytes_max:
            self._fail("the answer is too long")
            return
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        """Hand the answer over (called by the parser); interim answers are skipped."""
        if self._status < 200:
            self._reset()
            return
        self._finish()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()
            self._transport = None
