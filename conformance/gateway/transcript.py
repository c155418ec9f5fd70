"""Everything that went over the wire, in order; implements the Wire contract."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeAlias, TypeVar

from conformance.errors import WorldError
from conformance.model.ids import Millis
from conformance.model.wire import (
    Frame,
    Operation,
    Reading,
    RoundTrip,
    Stream,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)

RECORDS_MAX = 1_000_000
"""How many records of a kind a world keeps before it gives up."""

Listener: TypeAlias = Callable[[RoundTrip | Frame | Stream], None]
"""Called with a record when it is made; with a round trip or stream again when its end is known."""
R = TypeVar("R", RoundTrip, Frame)


class Transcript:
    """Numbered records. With ``ring`` it keeps only that many of a kind, the newest ones."""

    def __init__(self, *, ring: int = 0) -> None:
        self.listener: Listener | None = None
        self._ring = ring
        self._last = 0
        self._calls: deque[RoundTrip] = deque(maxlen=ring or None)
        self._frames: deque[Frame] = deque(maxlen=ring or None)
        self._streams: dict[StreamId, Stream] = {}

    def call(
        self, request: WireRequest, at: Millis, reading: Reading, pieces: tuple[bytes, ...]
    ) -> RoundTrip:
        """Record a request that has arrived."""
        self._last = number = self._last + 1
        trip = RoundTrip(number, request, at, reading, received=pieces)
        if not self._ring and len(self._calls) >= RECORDS_MAX:
            raise full()
        self._calls.append(trip)
        if self.listener is not None:
            self.listener(trip)
        return trip

    def answered(self, trip: RoundTrip, reply: WireReply, at: Millis, sent: bytes) -> None:
        """Record the answer to a request."""
        trip.reply = reply
        trip.replied_ms = at
        trip.sent = sent
        if self.listener is not None:
            self.listener(trip)

    def cut(self, trip: RoundTrip) -> None:
        """Take note that a request's connection was cut in place of an answer."""

    def refused(self, at: Millis) -> None:
        """Take note that a new connection was reset."""

    def declined(self, request: WireRequest, reply: WireReply, at: Millis) -> None:
        """Take note that a WebSocket handshake was answered with something else."""

    def silenced(self, stream: Stream) -> None:
        """Take note that a stream has gone half-open."""

    def frame(
        self,
        stream: StreamId,
        at: Millis,
        opcode: str,
        payload: bytes,
        *,
        inbound: bool,
        topic: Topic | None = None,
    ) -> None:
        """Record a frame."""
        self._last = number = self._last + 1
        frame = Frame(number, stream, at, inbound, opcode, payload, topic)
        if not self._ring and len(self._frames) >= RECORDS_MAX:
            raise full()
        self._frames.append(frame)
        if self.listener is not None:
            self.listener(frame)

    def opened(self, stream: Stream) -> None:
        """Record a WebSocket connection; a ring forgets the oldest closed one."""
        if self._ring and len(self._streams) >= self._ring:
            gone = (number for number, one in self._streams.items() if one.closed_ms is not None)
            for number in list(islice(gone, 1)):
                del self._streams[number]
        self._streams[stream.stream] = stream
        if self.listener is not None:
            self.listener(stream)

    def ended(self, stream: Stream, at: Millis, code: int, *, by_peer: bool) -> None:
        """Record the end of a WebSocket connection."""
        stream.closed_ms, stream.close_code, stream.by_peer = at, code, by_peer
        if self.listener is not None:
            self.listener(stream)

    def calls(self, *operations: Operation, since: int = 0) -> Sequence[RoundTrip]:
        """Return requests (of these operations, or all) with a number above ``since``."""
        return [
            trip
            for trip in _after(self._calls, since)
            if not operations or trip.reading.operation in operations
        ]

    def frames(
        self, topic: Topic | None = None, *, inbound: bool | None = None, since: int = 0
    ) -> Sequence[Frame]:
        """Return WebSocket frames with a number above ``since``."""
        return [
            frame
            for frame in _after(self._frames, since)
            if (topic is None or frame.topic is topic)
            and (inbound is None or frame.inbound is inbound)
        ]

    def streams(self, *, private: bool | None = None, open_only: bool = False) -> Sequence[Stream]:
        """Return WebSocket connections, oldest first."""
        return [
            stream
            for stream in self._streams.values()
            if (private is None or stream.private is private)
            and not (open_only and stream.closed_ms is not None)
        ]

    def mark(self) -> int:
        """Return the number of the last record, for ``since``."""
        return self._last


def full() -> WorldError:
    """Return the error of a world that has said too much."""
    return WorldError(
        f"the transcript holds {RECORDS_MAX} records", hint="split the case or shorten its run"
    )


def _after(records: deque[R], since: int) -> list[R]:
    """Return the records with a number above ``since``, looking at the newest first."""
    if not since:
        return list(records)
    newest = []
    for record in reversed(records):
        if record.number <= since:
            break
        newest.append(record)
    newest.reverse()
    return newest
