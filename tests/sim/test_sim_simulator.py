"""The stand-alone simulator: living books, flat memory, clear errors."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect

from conformance import scenarios
from conformance.errors import UsageError, WorldError
from conformance.gateway.transcript import Transcript
from conformance.model.wire import Topic
from conformance.sim import Simulator
from conformance.virtual import run
from tests.sim.echo_venue import ECHO


def playing(play, **settings):
    async def main():
        async with Simulator(ECHO, **settings) as simulator:
            return await play(simulator)

    return run(main, real_limit_s=20)


async def fetch(endpoints, path):
    parts = urlsplit(endpoints.rest)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_it_serves_and_gives_a_key_of_every_kind():
    async def play(simulator):
        assert (await fetch(simulator.endpoints, "/time"))["time"]
        return [credentials.kind for credentials in simulator.credentials]

    assert playing(play) == ["hmac", "rsa"]


@pytest.mark.parametrize("lag_ms", [0, 40])
def test_a_frame_takes_as_long_as_it_was_told_to(lag_ms):
    async def play(simulator):
        loop = asyncio.get_running_loop()
        async with connect(simulator.endpoints.streams, ping_interval=None) as stream:
            began = loop.time()
            await stream.send("one")
            await stream.recv()
            return round((loop.time() - began) * 1000)

    assert playing(play, lag_ms=lag_ms, lively=False) == lag_ms


@pytest.mark.parametrize(("asked", "played"), [("", "BTCUSDT"), ("ETHUSDT", "ETHUSDT")])
def test_a_story_is_played_where_it_was_asked_for(asked, played):
    async def play(simulator):
        core = simulator._shell.core
        return [symbol for symbol in core.listings if any(core.depth(symbol, 1))]

    assert playing(play, story=scenarios.load("flash-crash"), symbol=asked) == [played]


def test_a_story_is_played_in_no_unknown_symbol():
    with pytest.raises(UsageError, match="there is no symbol NOPE"):
        Simulator(ECHO, story=scenarios.load("flash-crash"), symbol="NOPE")


def test_an_address_of_ipv6_is_written_as_urls_have_it():
    async def play(simulator):
        return urlsplit(simulator.endpoints.rest).hostname, simulator.endpoints.streams[:11]

    assert playing(play, host="::1") == ("::1", "ws://[::1]:")


def trades(seed):
    async def play(simulator):
        async with connect(simulator.endpoints.streams, ping_interval=None) as stream:
            return [await stream.recv() for _ in range(500)]

    return playing(play, seed=seed)


def test_makers_keep_the_books_alive_and_repeat_themselves_for_a_seed():
    first = trades(1)
    assert first == trades(1)
    assert first != trades(2)


def test_it_runs_for_hours_within_a_flat_transcript(monkeypatch):
    monkeypatch.setattr("conformance.sim.simulator.RECORDS_KEPT", 50)

    async def play(simulator):
        async with connect(simulator.endpoints.streams, ping_interval=None):
            await asyncio.sleep(60)
        for _ in range(60):
            await fetch(simulator.endpoints, "/time")
        wire = simulator.transcript
        return len(wire.frames(Topic.TRADES)), len(wire.calls())

    frames, calls = playing(play)
    assert frames <= 50
    assert calls == 50


def test_a_ring_forgets_closed_streams_first():
    async def play(simulator):
        async with connect(simulator.endpoints.streams):
            for _ in range(60):
                async with connect(simulator.endpoints.streams):
                    pass
            return [stream.stream for stream in simulator.transcript.streams()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.sim.simulator.RECORDS_KEPT", 5)
        numbers = playing(play, lively=False)
    assert numbers[0] == 1
    assert len(numbers) == 5


def test_a_world_gives_up_when_its_transcript_is_full(monkeypatch):
    monkeypatch.setattr("conformance.gateway.transcript.RECORDS_MAX", 2)
    transcript = Transcript()
    for _ in range(2):
        transcript.frame(1, 0, "text", b"", inbound=True)
    with pytest.raises(WorldError, match="2 records"):
        transcript.frame(1, 0, "text", b"", inbound=True)


@pytest.mark.parametrize("tls", [False, True])
def test_a_taken_port_is_an_error_with_a_hint(tls):
    async def play(simulator):
        port = urlsplit(simulator.endpoints.rest).port
        with pytest.raises(WorldError, match="is taken") as caught:
            await Simulator(ECHO, port=port, tls=tls).start()
        return caught.value.hint

    assert "--port" in playing(play, lively=False)
