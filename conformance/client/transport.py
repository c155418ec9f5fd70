"""The seam to HTTP, the TLS rules, and httpx behind the seam.

A lane carries one request at a time over one connection it keeps. httpx is used one client a
lane, which keeps its pool from scanning all connections for every request.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Protocol

from conformance.client.settings import Settings
from conformance.guard import Target
from conformance.model.wire import WireReply, WireRequest

_CHATTY = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


class NotConnected(Exception):
    """No connection could be made: no byte of the request left."""


class AnswerLost(Exception):
    """The request may have left, its answer did not come."""


class Lane(Protocol):
    """One connection, one request at a time."""

    async def open(self) -> None:
        """Make sure that there is a connection. Raises NotConnected."""

    async def send(self, request: WireRequest) -> WireReply:
        """Send the bytes and return the answer, redirects too. Raises as the seam says."""

    async def close(self) -> None:
        """Drop the connection."""


class Transport(Protocol):
    """Makes lanes to one host."""

    def lane(self) -> Lane:
        """Return a new lane, not yet connected."""


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return the TLS rules: verified chain, subject alternative names only, TLS 1.2 and up."""
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    return context


class HttpxTransport:
    """The portable way, four times as dear as the lean one (``wire``)."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None, settings: Settings) -> None:
        _hush_loggers()
        self._target = target
        self._tls = tls
        self._settings = settings

    def lane(self) -> Lane:
        """Return a new lane, not yet connected."""
        return _HttpxLane(self._target, self._tls, self._settings)


class _HttpxLane:
    def __init__(self, target: Target, tls: ssl.SSLContext | None, settings: Settings) -> None:
        import httpx  # noqa: PLC0415 - 150 ms that only its users pay

        self._httpx = httpx
        self._base = httpx.URL(scheme=target.scheme, host=target.host, port=target.port)
        self._bytes_max = settings.body_bytes_max
        self._answer_s_max = (settings.connect_ms_max + settings.answer_ms_max) / 1000
        self._client = httpx.AsyncClient(
            verify=tls if tls is not None else False,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            timeout=httpx.Timeout(
                settings.answer_ms_max / 1000, connect=settings.connect_ms_max / 1000
            ),
        )
        self._client.headers.clear()

    async def open(self) -> None:
        """Connect when sending: httpx offers no other way."""

    async def send(self, request: WireRequest) -> WireReply:
        """Send the bytes and return the answer."""
        httpx = self._httpx
        target = f"{request.path}?{request.query.decode()}" if request.query else request.path
        # The target extension keeps the signed bytes from being encoded a second time; the URL
        # shows them to whatever listens in between.
        outgoing = self._client.build_request(
            request.method,
            self._base.copy_with(raw_path=target.encode()),
            headers=list(request.headers),
            content=request.body,
            extensions={"target": target.encode()},
        )
        try:
            # httpx bounds the wait for each piece of an answer, not that for all of them.
            async with asyncio.timeout(self._answer_s_max):
                response = await self._client.send(outgoing, stream=True)
                try:
                    body = await self._body(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise AnswerLost("no answer in time") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotConnected(type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise AnswerLost(type(error).__name__) from None
        headers = tuple([(name.lower(), value) for name, value in response.headers.multi_items()])
        return WireReply(response.status_code, body, headers)

    async def _body(self, response: object) -> bytes:
        chunks = bytearray()
        async for chunk in response.aiter_bytes():  # type: ignore[attr-defined]
            chunks += chunk
            if len(chunks) > self._bytes_max:
                raise AnswerLost("the answer is too long")
        return bytes(chunks)

    async def close(self) -> None:
        """Drop the connection."""
        await self._client.aclose()


def _quiet(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _hush_loggers() -> None:
    # httpx logs the signed URL at INFO, httpcore the key header at DEBUG, at whatever level the
    # user has set: such records are dropped at their source.
    for name in _CHATTY:
        logger = logging.getLogger(name)
        if _quiet not in logger.filters:
            logger.addFilter(_quiet)
