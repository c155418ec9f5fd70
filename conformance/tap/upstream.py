"""HTTP/1.1 towards the venue: one connection, one request at a time, redirects are answers.

The target and the body travel byte for byte, because signatures are made over them. Compression
is not asked for: what is recorded must be legible, and free of secrets.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address

import httptools

from conformance.gateway.ws import target as target_of
from conformance.guard import Target
from conformance.model.wire import Headers, WireReply, WireRequest

CONNECT_S_MAX = 10.0
ANSWER_S_MAX = 60.0
"""How long the venue may take to answer; venues themselves give up after 10 s."""
ANSWER_BYTES_MAX = 32_000_000
READ_BYTES = 1 << 16
HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Fields about one connection only (RFC 9110, 7.6.1): each side of the tap has its own."""


class Unreachable(Exception):
    """No connection to the venue could be made: no byte left."""


class Lost(Exception):
    """The venue broke off before its answer was complete."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the venue is; only ``guard.permit`` makes the targets."""

    rest: Target
    streams: Target
    context: ssl.SSLContext | None = None
    """TLS rules, for the targets that are secure."""

    @property
    def loopback(self) -> bool:
        """True when the venue is a simulator on this machine."""
        return _local(self.rest.host) and _local(self.streams.host)


def netloc(target: Target) -> str:
    """Return host and port as a Host field says them."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.secure else 80)
    return host if usual else f"{host}:{target.port}"


async def dial(
    target: Target, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a permitted target. Raises Unreachable."""
    try:
        async with asyncio.timeout(CONNECT_S_MAX):
            return await asyncio.open_connection(
                target.host, target.port, ssl=context if target.secure else None
            )
    except OSError as error:
        raise Unreachable(f"{netloc(target)}: {error}") from error


@dataclass(slots=True)
class _Answer:
    """One answer as it is parsed; the parser calls the ``on_`` methods."""

    status: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    headed: bool = False
    complete: bool = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.headed = True

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        if self.size > ANSWER_BYTES_MAX:
            raise Lost("the answer is too long")
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        self.complete = True

    @property
    def framed(self) -> bool:
        return any(name in ("content-length", "transfer-encoding") for name, _ in self.fields)

    def finished(self, method: str) -> bool:
        return self.complete or (method == "HEAD" and self.headed)


class Pipe:
    """One connection to the venue, made when it is needed and kept as long as both sides like."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def exchange(self, request: WireRequest) -> WireReply:
        """Send a request and return the answer. Raises Unreachable or Lost."""
        reader, writer = await self._open()
        try:
            writer.write(encode(request, netloc(self._upstream.rest)))
            async with asyncio.timeout(ANSWER_S_MAX):
                return await self._answer(reader, request.method)
        except (OSError, httptools.HttpParserError) as error:
            self.close()
            raise Lost(f"{type(error).__name__}: {error}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = self._reader, self._writer
        if reader is None or writer is None or reader.at_eof() or writer.is_closing():
            self.close()
            reader, writer = await dial(self._upstream.rest, self._upstream.context)
            self._reader, self._writer = reader, writer
        return reader, writer

    async def _answer(self, reader: asyncio.StreamReader, method: str) -> WireReply:
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.finished(method):
            data = await reader.read(READ_BYTES)
            if not data:
                if answer.framed or not answer.headed:
                    raise Lost("the connection ended before the answer")
                break
            parser.feed_data(data)
            answer.status = parser.get_status_code()
            if answer.complete and answer.status < 200:
                answer = _Answer()
                parser = httptools.HttpResponseParser(answer)
        if not parser.should_keep_alive():
            self.close()
        return WireReply(answer.status, b"".join(answer.chunks), _kept(answer.fields), "")


def encode(request: WireRequest, host: str) -> bytes:
    """Return the bytes of a request to ``host``; target and body are those of the client."""
    lines = [f"{request.method} {target_of(request)} HTTP/1.1", f"host: {host}"]
    fields = [pair for pair in _kept(request.headers) if pair[0] != "accept-encoding"]
    lines += [f"{name}: {value}" for name, value in fields]
    lines.append("accept-encoding: identity")
    if request.body or request.header("content-length") is not None:
        lines.append(f"content-length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def _kept(headers: Headers | list[tuple[str, str]]) -> Headers:
    return tuple([pair for pair in headers if pair[0] not in HOP_BY_HOP])


def _local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
