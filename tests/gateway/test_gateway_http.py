"""HTTP/1.1 by bytes: order, bodies, bounds, and what the transcript keeps."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from conformance.errors import InvariantBroken
from conformance.gateway.http import BODY_BYTES_MAX, HEAD_BYTES_MAX, PIPELINE_MAX
from conformance.model.wire import Operation
from conformance.sim import SimWorld
from conformance.virtual import run
from tests.sim.echo_venue import ECHO


def playing(play):
    async def main():
        async with SimWorld(ECHO) as world:
            return await play(world)

    return run(main, real_limit_s=20)


async def connect(world):
    parts = urlsplit(world.endpoints.rest)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=4 * BODY_BYTES_MAX)


async def read_reply(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(fields["content-length"]))
    return int(head[0].split()[1]), fields, body


def exchanged(raw, replies=1, pieces=()):
    """Send ``raw`` (then ``pieces``, each after a moment) and return the replies."""

    async def play(world):
        reader, writer = await connect(world)
        writer.write(raw)
        for piece in pieces:
            await asyncio.sleep(0.01)
            writer.write(piece)
        answers = [await read_reply(reader) for _ in range(replies)]
        writer.close()
        return answers, world.wire.calls()

    return playing(play)


def test_a_request_reaches_the_dialect_byte_for_byte():
    raw = b"POST /x%20y?b=2&a=%2B HTTP/1.1\r\nHost: h\r\nX-Odd: A b\r\nContent-Length: 3\r\n\r\nq=1"
    [(status, fields, body)], [trip] = exchanged(raw)
    seen = json.loads(body)
    assert status == 200
    assert (seen["path"], seen["query"], seen["body"]) == ("/x%20y", "b=2&a=%2B", "q=1")
    assert ["x-odd", "A b"] in seen["headers"]
    assert fields["x-echo"] == "yes"
    assert fields["content-type"] == "application/json"
    assert trip.received == (raw,)
    assert trip.sent.endswith(body)
    assert trip.executed


def test_the_date_field_shows_the_venues_clock():
    [(_, fields, _)], _ = exchanged(b"GET /time HTTP/1.1\r\nHost: h\r\n\r\n")
    assert fields["date"] == "thu, 01 jan 2026 12:00:00 gmt"


def test_a_connection_is_kept_alive_unless_told_otherwise():
    raw = b"GET /time HTTP/1.1\r\nHost: h\r\n\r\n" * 2
    closing = b"GET /time HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    answers, _ = exchanged(raw + closing, replies=3)
    assert [fields.get("connection") for _, fields, _ in answers] == [None, None, "close"]


def test_http_1_0_ends_with_its_answer():
    async def play(world):
        reader, writer = await connect(world)
        writer.write(b"GET /time HTTP/1.0\r\n\r\n")
        await read_reply(reader)
        rest = await reader.read()
        writer.close()
        return rest

    assert playing(play) == b""


def test_pipelined_requests_are_answered_in_order_even_behind_a_slow_one():
    async def play(world):
        world.faults.delay_answer(Operation.PLACE, 500)
        reader, writer = await connect(world)
        place = b"POST /order HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
        writer.write(place + b"GET /orders HTTP/1.1\r\nHost: h\r\n\r\n" * (PIPELINE_MAX + 50))
        answers = [await read_reply(reader) for _ in range(PIPELINE_MAX + 51)]
        writer.close()
        return answers, world.now()

    answers, _ = playing(play)
    assert json.loads(answers[0][2]) == {"order": 1}
    assert all(json.loads(body) == {"orders": 1} for _, _, body in answers[1:])


def test_a_chunked_body_is_put_together():
    raw = b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    [(_, _, body)], [trip] = exchanged(raw, pieces=chunks)
    assert json.loads(body)["body"] == "abcde"
    assert b"".join(trip.received) == raw + b"".join(chunks)


def test_a_head_that_arrives_byte_by_byte_is_understood():
    raw = b"GET /slow?x=1 HTTP/1.1\r\nHost: h\r\nX-Name: value\r\n\r\n"
    pieces = tuple(raw[at : at + 1] for at in range(1, len(raw)))
    [(_, _, body)], _ = exchanged(raw[:1], pieces=pieces)
    seen = json.loads(body)
    assert (seen["path"], seen["query"]) == ("/slow", "x=1")
    assert ["x-name", "value"] in seen["headers"]


def test_a_client_that_waits_for_100_continue_gets_it():
    async def play(world):
        reader, writer = await connect(world)
        writer.write(
            b"POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"ok")
        status, _, body = await read_reply(reader)
        writer.close()
        return status, json.loads(body)["body"]

    assert playing(play) == (200, "ok")


def test_a_head_request_gets_no_body():
    async def play(world):
        reader, writer = await connect(world)
        writer.write(b"HEAD /time HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    assert playing(play).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nX: " + b"a" * HEAD_BYTES_MAX, 431),
        (
            b"POST /a HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + b"b" * (BODY_BYTES_MAX + 1),
            413,
        ),
    ],
)
def test_bytes_beyond_the_bounds_are_refused_and_the_connection_closed(raw, status):
    [(seen, fields, _)], _ = exchanged(raw)
    assert seen == status
    assert fields["connection"] == "close"


def test_another_upgrade_than_websocket_is_ignored():
    raw = b"GET /time HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    [(status, _, _)], _ = exchanged(raw)
    assert status == 200


def test_a_failure_of_our_own_is_never_turned_into_a_reply():
    async def play(world):
        reader, writer = await connect(world)
        writer.write(b"GET /fail HTTP/1.1\r\nHost: h\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    with pytest.raises(InvariantBroken, match="on purpose"):
        playing(play)
