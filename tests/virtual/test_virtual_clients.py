"""Unmodified clients live on the virtual loop: httpx, aiohttp, websockets and ccxt.pro."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time

import aiohttp
import httpx
import pytest
from websockets.asyncio.client import connect

from conformance.model.wire import Operation, Topic
from conformance.sim import SimWorld
from conformance.virtual import EPOCH_MS, run
from tests.sim.echo_venue import ECHO


def playing(play, *, tls=False):
    async def main():
        async with SimWorld(ECHO, tls=tls) as world:
            context = ssl.create_default_context(cafile=world.endpoints.ca_file) if tls else None
            return await play(world, context)

    return run(main, real_limit_s=30)


@pytest.mark.parametrize("tls", [False, True])
def test_httpx_polls_through_a_day(tls):
    async def play(world, context):
        times = []
        async with httpx.AsyncClient(verify=context or False, trust_env=False) as client:
            for _ in range(25):
                reply = await client.get(world.endpoints.rest + "/time")
                times.append(reply.json()["time"])
                await asyncio.sleep(3600)
        return times

    assert playing(play, tls=tls) == [EPOCH_MS + hour * 3_600_000 for hour in range(25)]


def test_httpx_gives_up_at_its_own_timeout_in_virtual_time():
    async def play(world, _):
        world.faults.stall(Operation.TIME, executed=False)
        began = time.time_ns()
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(world.endpoints.rest + "/time")
        return (time.time_ns() - began) // 1_000_000

    assert playing(play) == 5000


def test_every_client_meets_a_host_whose_name_is_not_found():
    async def play(world, _):
        lost = world.faults.lose_name(times=3)
        causes = []
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(world.endpoints.rest + "/time")
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientConnectorError) as refused:
                    await session.get(world.endpoints.rest + "/time")
                causes.append(refused.value.strerror)
            with pytest.raises(socket.gaierror) as unknown:
                await connect(world.endpoints.streams)
            causes.append(unknown.value.strerror)
            reply = await client.get(world.endpoints.rest + "/time")
        return causes, lost.delivered, reply.status_code

    causes, delivered, status = playing(play)
    assert causes == ["Temporary failure in name resolution"] * 2
    assert (delivered, status) == (3, 200)


@pytest.mark.parametrize("tls", [False, True])
def test_aiohttp_speaks_rest_and_streams_for_a_day(tls):
    async def read(socket, heard):
        async for message in socket:
            heard.append(message.data)

    async def play(world, context):
        heard = []
        async with aiohttp.ClientSession() as session:
            socket = await session.ws_connect(
                world.endpoints.streams + "/private", ssl=context or True
            )
            reader = asyncio.create_task(read(socket, heard))
            for _ in range(23):
                await asyncio.sleep(3600)
                await socket.send_str("alive")
            async with session.post(world.endpoints.rest + "/order", ssl=context or True) as reply:
                assert (await reply.json()) == {"order": 1}
            await world.quiet()
            await socket.close()
            await reader
        assert heard[:-1] == ["echo alive"] * 23
        return json.loads(heard[-1])["order"]

    assert playing(play, tls=tls) == 1


@pytest.mark.parametrize("tls", [False, True])
def test_websockets_keeps_a_stream_alive_by_its_own_pings(tls):
    async def play(world, context):
        async with connect(world.endpoints.streams, ssl=context, ping_interval=20) as stream:
            await asyncio.sleep(3600)
            await stream.send("alive")
            assert await stream.recv() == "echo alive"
        pings = [frame for frame in world.wire.frames(inbound=True) if frame.opcode == "ping"]
        return len(pings)

    assert playing(play, tls=tls) in (179, 180)


def transcript():
    """Play one busy story and return every record but what clients draw by chance."""

    async def play(world, _):
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            connect(world.endpoints.streams + "/private", ping_interval=None) as first,
            connect(world.endpoints.streams + "/public", ping_interval=None) as second,
        ):
            world.faults.delay_answer(Operation.PLACE, 70, skip=3, times=5)
            world.faults.drop_push(Topic.ORDERS, skip=7, times=3)
            url = world.endpoints.rest + "/order"
            for number in range(10):
                await asyncio.gather(*(client.post(url, content=str(n)) for n in range(4)))
                await first.send(f"first {number}")
                await second.send(f"second {number}")
                await asyncio.sleep(0.013)
        calls = [(trip.received_ms, trip.replied_ms, trip.sent) for trip in world.wire.calls()]
        frames = [
            (frame.stream, frame.at_ms, frame.inbound, frame.payload)
            for frame in world.wire.frames()
        ]
        return calls, frames

    return playing(play)


def test_a_run_repeats_itself_to_the_byte():
    assert transcript() == transcript()
