"""A client of the echo venue that says just what came back."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

from conformance.model.wire import Operation, Topic
from conformance.sim import SimWorld
from conformance.tap.tapped import Tapped
from conformance.virtual import run
from tests.sim.echo_venue import ECHO

PLACE = Operation.PLACE
GET_TIME = b"GET /time HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


class Behind(Tapped):
    """The echo venue behind the tap, its simulator still at hand."""

    @property
    def shell(self):
        return self._inner.shell


def playing(play, *, tapped=False, **settings):
    async def main():
        simulated = SimWorld(ECHO, **settings)
        async with Behind(simulated, ECHO) if tapped else simulated as world:
            return await play(world)

    return run(main, real_limit_s=20)


async def send(world, raw, context=None):
    """Send bytes on a connection of their own and return all that comes back."""
    parts = urlsplit(world.endpoints.rest)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
    try:
        writer.write(raw)
        return await reader.read()
    finally:
        writer.close()


async def ask(world, method, path, *, wait_s=5.0):
    """Return (status, body, virtual ms), None for no answer, or the exception met."""
    began = world.now()
    raw = (
        f"{method} {path} HTTP/1.1\r\nHost: h\r\nX-Key: {world.credentials.key}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(wait_s):
            answer = await send(world, raw.encode())
    except (TimeoutError, OSError) as error:
        return error
    if not answer:
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body), world.now() - began


def place(world, **settings):
    return ask(world, "POST", "/order", **settings)


def orders(world):
    return world.shell.half.orders


def push(world, *texts, topic=Topic.TRADES):
    for text in texts:
        world.shell.hub.publish(world.shell.half.to_all(topic, text.encode()))
