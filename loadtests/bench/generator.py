"""A closed loop of raw sockets: the next request goes out when the answer before it is in."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from http.client import HTTPConnection

import httptools
from websockets.asyncio.client import connect

CONNECTIONS = 8
ANSWER_TIMEOUT_S = 30.0


class Answers:
    """Reads answers off one connection and remembers their status."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self._parser = httptools.HttpResponseParser(self)
        self._complete = False

    def on_message_begin(self) -> None:
        """Expect the end of a new answer."""
        self._complete = False

    def on_message_complete(self) -> None:
        """Count the answer."""
        self.statuses[self._parser.get_status_code()] += 1
        self._complete = True

    async def one(self, reader: asyncio.StreamReader) -> None:
        """Read until one answer is complete."""
        self._complete = False
        while not self._complete:
            data = await reader.read(65_536)
            if not data:
                raise ConnectionError("the server closed the connection")
            self._parser.feed_data(data)


async def lane(port: int, requests: Iterable[bytes]) -> Counter[int]:
    """Send ``requests`` over one connection; return how often each status came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = Answers()
    try:
        for request in requests:
            writer.write(request)
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await answers.one(reader)
    finally:
        writer.close()
        await writer.wait_closed()
    return answers.statuses


async def drive(port: int, requests: list[bytes], *, stride: int = 1) -> Counter[int]:
    """Send ``requests`` over several connections at once, ``stride`` of them staying together."""
    groups = [requests[at : at + stride] for at in range(0, len(requests), stride)]
    lanes = [
        [request for group in groups[number::CONNECTIONS] for request in group]
        for number in range(CONNECTIONS)
    ]
    counts = await asyncio.gather(*(lane(port, requests) for requests in lanes))
    return sum(counts, Counter())


@asynccontextmanager
async def listening(port: int, key: str) -> AsyncIterator[Counter[str]]:
    """Read the pushes of the account while the block runs; yields how many came in so far."""
    asking = HTTPConnection("127.0.0.1", port)
    asking.request("POST", "/fapi/v1/listenKey", headers={"X-MBX-APIKEY": key})
    listen_key = json.loads(asking.getresponse().read())["listenKey"]
    asking.close()
    pushes: Counter[str] = Counter()
    where = f"ws://127.0.0.1:{port}/private/ws?listenKey={listen_key}"
    async with connect(where, compression=None, proxy=None, max_queue=None) as stream:

        async def read() -> None:
            async for text in stream:
                pushes[str(json.loads(text)["e"])] += 1

        reading = asyncio.create_task(read())
        try:
            yield pushes
        finally:
            reading.cancel()
