"""Loopback sockets stay real, and no timer overtakes a byte that is under way."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from selectors import EVENT_READ, EVENT_WRITE

import pytest

from conformance.virtual import run
from conformance.virtual.clocks import REAL
from conformance.virtual.traffic import Traffic


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line)
    writer.close()


async def served(talk, handler=echo):
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        return await talk(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()
        server.close()


def test_a_round_trip_takes_no_virtual_time():
    async def talk(reader, writer):
        before = time.time_ns()
        for _ in range(300):
            writer.write(b"ping\n")
            assert await reader.readline() == b"ping\n"
        return time.time_ns() - before

    assert run(lambda: served(talk)) == 0


def test_no_timeout_overtakes_an_answer_under_way():
    async def talk(reader, writer):
        heard = []
        for _ in range(300):
            writer.write(b"ping\n")
            async with asyncio.timeout(0.000_001):
                heard.append(await reader.readline())
        return heard

    assert run(lambda: served(talk)) == [b"ping\n"] * 300


def test_a_large_transfer_takes_no_virtual_time():
    size = 8_000_000

    async def flood(_, writer):
        writer.write(b"x" * size)
        await writer.drain()
        writer.close()

    async def talk(reader, _):
        before = time.time_ns()
        async with asyncio.timeout(0.000_001):
            received = len(await reader.readexactly(size))
        return received, time.time_ns() - before

    assert run(lambda: served(talk, flood)) == (size, 0)


def test_an_end_of_stream_is_seen_before_the_next_timer():
    async def hang_up(_, writer):
        writer.close()

    async def talk(reader, _):
        async with asyncio.timeout(0.000_001):
            return await reader.read()

    for _ in range(20):
        assert run(lambda: served(talk, hang_up)) == b""


def test_a_silent_peer_costs_virtual_time_only():
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    async def talk(reader, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await reader.read()
        return True

    assert run(lambda: served(talk, mute), real_limit_s=5)


def test_no_timer_fires_while_bytes_are_known_to_be_under_way(monkeypatch):
    """Let the kernel be slow: what is under way arrives only after a while of real time."""
    sent, arrived = threading.Event(), threading.Event()
    monkeypatch.setattr(Traffic, "under_way", lambda *_: sent.is_set() and not arrived.is_set())
    near, far = socket.socketpair()

    def deliver():
        REAL["sleep"](0.05)
        near.send(b"late")
        arrived.set()

    async def main():
        far.setblocking(False)
        deliverer = threading.Thread(target=deliver)
        sent.set()
        deliverer.start()
        async with asyncio.timeout(0.000_001):
            heard = await asyncio.get_running_loop().sock_recv(far, 100)
        deliverer.join()
        return heard

    with near, far:
        assert run(main) == b"late"


def test_the_sockets_of_one_server_are_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nears = [socket.create_connection(listener.getsockname()) for _ in range(2)]
        fars = [listener.accept()[0] for _ in range(2)]
    traffic = watching(*((end, EVENT_READ) for end in (*nears, *fars)))
    fars[0].setblocking(False)
    fill(fars[0])
    assert traffic.under_way()
    traffic.watch(nears[0].fileno(), EVENT_WRITE)
    assert not traffic.under_way()
    assert not traffic.strangers()
    traffic.close()
    for end in (*nears, *fars):
        end.close()


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        yield near, far


def fill(end):
    try:
        while True:
            end.send(b"x" * 65536)
    except BlockingIOError:
        return


def watching(*ends):
    traffic = Traffic()
    for end, events in ends:
        traffic.watch(end.fileno(), events)
    return traffic


def test_unread_bytes_are_not_under_way(pair):
    near, far = pair
    traffic = watching((near, EVENT_READ), (far, EVENT_READ))
    near.send(b"x" * 1000)
    far.recv(1000)
    assert not traffic.under_way()
    traffic.close()


def test_bytes_the_kernel_holds_back_are_under_way(pair):
    near, far = pair
    near.setblocking(False)
    fill(near)
    traffic = watching((near, EVENT_READ), (far, EVENT_READ))
    assert traffic.under_way()
    traffic.watch(far.fileno(), EVENT_WRITE)
    assert not traffic.under_way(), "an end that does not read is waited for by nobody"
    traffic.close()


def test_an_end_without_its_peer_is_given_time_once_for_each_state(pair):
    near, far = pair
    traffic = watching((near, EVENT_READ))
    assert traffic.strangers()
    assert not traffic.strangers()
    far.send(b"x")
    near.recv(1)
    assert traffic.strangers()
    traffic.watch(far.fileno(), EVENT_READ)
    assert not traffic.strangers()
    traffic.close()


def test_watching_never_closes_a_descriptor(pair):
    near, far = pair
    watching((near, EVENT_READ), (far, EVENT_READ)).close()
    near.send(b"still open")
    assert far.recv(100) == b"still open"
