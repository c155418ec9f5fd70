"""Streams by ``websockets``' own client: frames, pings, ends and bounds."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conformance.gateway.ws import QUEUE_MAX, head
from conformance.model.wire import Push, Topic
from conformance.sim import SimWorld
from conformance.virtual import run
from tests.sim.echo_venue import ECHO


def playing(play, **settings):
    async def main():
        async with SimWorld(ECHO, **settings) as world:
            return await play(world)

    return run(main, real_limit_s=20)


def test_a_message_is_answered_and_both_frames_are_kept():
    async def play(world):
        async with connect(world.endpoints.streams + "/public?greet=hello") as stream:
            assert await stream.recv() == "hello"
            await stream.send("one")
            assert await stream.recv() == "echo one"
        return world.wire.frames(), world.wire.streams()

    frames, [record] = playing(play)
    texts = [(frame.inbound, frame.payload) for frame in frames if frame.opcode == "text"]
    assert texts == [(False, b"hello"), (True, b"one"), (False, b"echo one")]
    assert (record.path, record.query, record.close_code) == ("/public", "greet=hello", 1000)
    assert record.by_peer


def test_rest_and_streams_share_one_port():
    async def play(world):
        return urlsplit(world.endpoints.rest).netloc, urlsplit(world.endpoints.streams).netloc

    rest, streams = playing(play)
    assert rest == streams


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
def test_frames_of_every_length_class_arrive_whole(length):
    async def play(world):
        async with connect(world.endpoints.streams, max_size=None) as stream:
            await stream.send("x" * length)
            return await stream.recv()

    assert playing(play) == "echo " + "x" * length


def test_the_frame_head_is_that_of_rfc_6455():
    # RFC 6455, 5.7: unmasked "Hello", 256 bytes, 64 KiB.
    assert head(b"Hello") == bytes.fromhex("8105")
    assert head(b"x" * 256) == bytes.fromhex("817e0100")
    assert head(b"x" * 65536) == bytes.fromhex("817f0000000000010000")


def test_a_fragmented_message_is_put_together():
    async def play(world):
        async with connect(world.endpoints.streams) as stream:
            await stream.send(["a", "b", "c"])
            return await stream.recv()

    assert playing(play) == "echo abc"


def test_a_refused_handshake_carries_the_dialects_answer():
    async def play(world):
        with pytest.raises(InvalidStatus) as caught:
            await connect(world.endpoints.streams + "/forbidden")
        return caught.value.response

    response = playing(play)
    assert response.status_code == 403
    assert json.loads(response.body) == {"msg": "not here"}


def test_pings_go_both_ways_and_a_live_stream_outlasts_them():
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            await (await stream.ping(b"mine"))
            await asyncio.sleep(3600)
            await stream.send("still here")
            assert await stream.recv() == "echo still here"
        return world.wire.frames()

    frames = playing(play)
    seen = [(frame.opcode, frame.inbound) for frame in frames]
    assert ("ping", True) in seen
    assert seen.count(("ping", False)) == 20, "one every three minutes"
    assert seen.count(("pong", True)) == 20


def test_a_stream_that_owes_its_pong_is_closed_after_ten_minutes():
    async def play(world):
        parts = urlsplit(world.endpoints.streams)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(
            b"GET /public HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        handshake = await reader.readuntil(b"\r\n\r\n")
        began = world.now()
        await reader.read()
        writer.close()
        return handshake, world.wire.streams()[0], began

    handshake, record, began = playing(play)
    # RFC 6455, 1.3: the answer to the sample key.
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in handshake
    assert record.close_code == 1008
    assert record.closed_ms - began == 180_000 + 600_000


def test_a_stream_lives_for_a_day():
    async def play(world):
        async with connect(world.endpoints.streams, ping_interval=None) as stream:
            began = world.now()
            with pytest.raises(ConnectionClosed) as caught:
                await stream.recv()
            return caught.value.rcvd.code, world.now() - began

    assert playing(play) == (1001, 86_400_000)


def test_the_dialect_may_close_a_stream_after_its_last_words():
    async def play(world):
        async with connect(world.endpoints.streams) as stream:
            await stream.send("bye")
            assert await stream.recv() == "so long"
            with pytest.raises(ConnectionClosed) as caught:
                await stream.recv()
            return caught.value.rcvd.code

    assert playing(play) == 1008


def test_the_dialect_may_end_a_stream_unasked_behind_what_it_sent():
    async def play(world):
        async with connect(world.endpoints.streams) as stream:
            last, end = Push(1, Topic.TRADES, b"last"), Push(1, Topic.CONTROL, b"", 4001)
            world.shell.hub.publish([last, end, last])
            assert await stream.recv() == "last"
            with pytest.raises(ConnectionClosed) as caught:
                await stream.recv()
            return caught.value.rcvd.code

    assert playing(play) == 4001


def test_the_end_of_a_stream_is_told_to_the_dialect_once():
    async def play(world):
        async with connect(world.endpoints.streams):
            await world.quiet()
        await world.quiet()
        return world.shell.half.closed

    assert playing(play) == [1]


def test_a_reader_that_never_reads_is_closed_at_the_bound():
    async def play(world):
        async with connect(world.endpoints.streams, max_queue=1, ping_interval=None) as stream:
            await world.quiet()
            text = b"x" * 4096
            for _ in range(40):
                world.shell.hub.publish(world.shell.half.to_all(Topic.TRADES, text) * 500)
                await asyncio.sleep(0.01)
            record = world.wire.streams()[0]
            assert record.close_code == 1008
            sent = len(world.wire.frames(Topic.TRADES))
            stream.transport.abort()
        return sent

    assert playing(play) < 40 * 500 - QUEUE_MAX


def test_pushes_leave_in_the_order_of_their_causes():
    async def play(world):
        async with connect(world.endpoints.streams) as stream:
            await world.quiet()
            for number in range(100):
                text = str(number).encode()
                world.shell.hub.publish(world.shell.half.to_all(Topic.TRADES, text))
            return [int(await stream.recv()) for _ in range(100)]

    assert playing(play) == list(range(100))


def test_tls_serves_rest_and_streams_with_a_ca_of_our_own():
    import ssl  # noqa: PLC0415

    async def play(world):
        context = ssl.create_default_context(cafile=world.endpoints.ca_file)
        parts = urlsplit(world.endpoints.rest)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
        writer.write(b"GET /secure HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        async with connect(world.endpoints.streams, ssl=context) as stream:
            await stream.send("safe")
            return json.loads(body)["secure"], await stream.recv(), parts.scheme

    assert playing(play, tls=True) == (True, "echo safe", "https")
