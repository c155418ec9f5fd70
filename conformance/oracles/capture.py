"""Loopback ears: what an SDK really puts on the wire, HTTP requests and text frames."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from queue import Empty, SimpleQueue
from typing import cast

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from conformance.errors import OracleError
from conformance.oracles.asks import Wire

HEAD_BYTES_MAX = 262_144
WAIT_S_MAX = 20.0

_REPLY = b"{}"
_HEAD_END = b"\r\n\r\n"


class Capture:
    """What arrived on the two loopback ports since it was last taken."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[Wire] = SimpleQueue()
        self.rest = ""
        self.frames = ""

    def clear(self) -> None:
        """Forget what arrived."""
        while not self.heard.empty():
            self.heard.get_nowait()

    def take(self, *, witness: str) -> Wire:
        """Return the one request that arrived. Raises OracleError for none or several.

        A request is kept before it is answered, so one that was answered is already here.
        """
        try:
            wire = self.heard.get(timeout=WAIT_S_MAX)
        except Empty:
            raise OracleError(
                f"{witness} says that it sent a request, but none arrived",
                hint="the SDK ignores the base URL it was given: check its version",
            ) from None
        if not self.heard.empty():
            raise OracleError(
                f"{witness} sent more than one request for one ask",
                hint="an earlier request was retried: check the SDK's version and its driver",
            )
        return wire


class _Ear(socketserver.StreamRequestHandler):
    """Reads one HTTP request, keeps its bytes and answers with an empty object."""

    timeout = WAIT_S_MAX

    def handle(self) -> None:
        head = self._head()
        if head:
            lines = head.decode("utf-8").split("\r\n")
            fields = tuple(_field(line) for line in lines[1:] if line)
            body = self.rfile.read(int(dict(fields).get("content-length", "0")))
            method, target, _version = lines[0].split(" ", 2)
            wire = Wire(method, target, fields, body.decode("utf-8"))
            cast("_Port", self.server).heard.put(wire)
            self.wfile.write(
                f"HTTP/1.1 {HTTPStatus.OK.value} OK\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(_REPLY)}\r\nConnection: close\r\n\r\n".encode()
                + _REPLY
            )

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(_HEAD_END) and len(head) < HEAD_BYTES_MAX:
            read = self.rfile.readline()
            if not read:
                return b""
            head += read
        return head.removesuffix(_HEAD_END)


class _Port(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, heard: SimpleQueue[Wire]) -> None:
        self.heard = heard
        super().__init__(("127.0.0.1", 0), _Ear)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _frame_ear(heard: SimpleQueue[Wire], connection: ServerConnection) -> None:
    request = connection.request
    path = request.path if request else ""
    try:
        for frame in connection:
            text = frame if isinstance(frame, str) else frame.decode("utf-8")
            heard.put(Wire("WS", path, (), text))
            number = msgspec.json.decode(text).get("id")
            reply = {"id": number, "status": 200, "result": {}, "rateLimits": []}
            connection.send(msgspec.json.encode(reply).decode())
    except ConnectionClosed:
        return


@contextmanager
def listening() -> Iterator[Capture]:
    """Open both loopback ports (port 0) for the length of a ``with`` block."""
    capture = Capture()

    def hear(connection: ServerConnection) -> None:
        _frame_ear(capture.heard, connection)

    with (
        _Port(capture.heard) as port,
        serve(hear, "127.0.0.1", 0, compression=None) as frames,
    ):
        for server in (port, frames):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        capture.rest = f"http://127.0.0.1:{port.server_address[1]}"
        capture.frames = f"ws://127.0.0.1:{frames.socket.getsockname()[1]}"
        yield capture
        port.shutdown()
        frames.shutdown()
