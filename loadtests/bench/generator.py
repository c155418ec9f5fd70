"""A closed loop of raw sockets: the next request goes out when the answer before it is in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

import httptools

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
