from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from websockets.sync.client import connect

from conformance.oracles.capture import listening


def speak(url: str, *parts: bytes) -> bytes:
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as line:
        for part in parts:
            line.sendall(part)
        return line.recv(4_096)


def test_bytes_arrive_as_they_were_sent():
    with listening() as capture:
        said = speak(
            capture.rest,
            b"POST /a%20b?x=+&y=%7e~ HTTP/1.1\r\nHost: h\r\nX-Odd:  v \r\n",
            b"Content-Length: 4\r\n\r\n",
            b"p=%2",
        )
        wire = capture.take(witness="test")
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.method == "POST"
    assert wire.target == "/a%20b?x=+&y=%7e~"
    assert wire.headers == (("host", "h"), ("x-odd", "v"), ("content-length", "4"))
    assert wire.body == "p=%2"


def test_frames_are_answered_by_their_number_and_kept():
    with listening() as capture:
        with connect(f"{capture.frames}/ws?x=1") as connection:
            connection.send('{"id": "7", "params": {"b": "é"}}')
            reply = json.loads(connection.recv())
        wire = capture.take(witness="test")
    assert reply == {"id": "7", "status": 200, "result": {}, "rateLimits": []}
    assert (wire.method, wire.target) == ("WS", "/ws?x=1")
    assert wire.body == '{"id": "7", "params": {"b": "é"}}'


def test_a_connection_without_a_request_is_no_request():
    with listening() as capture:
        with socket.create_connection(("127.0.0.1", urlsplit(capture.rest).port)):
            assert capture.heard.empty()
        speak(capture.rest, b"GET /second HTTP/1.1\r\n\r\n")
        assert capture.take(witness="test").target == "/second"


def test_only_loopback_is_listened_on():
    with listening() as capture:
        assert urlsplit(capture.rest).hostname == "127.0.0.1"
        assert urlsplit(capture.frames).hostname == "127.0.0.1"


def test_what_was_heard_before_can_be_forgotten():
    with listening() as capture:
        speak(capture.rest, b"GET /first HTTP/1.1\r\n\r\n")
        capture.clear()
        speak(capture.rest, b"GET /second HTTP/1.1\r\n\r\n")
        assert capture.take(witness="test").target == "/second"
