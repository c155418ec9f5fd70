"""Tapes: one case's or session's wire as JSON lines, without secrets, fit to be played again.

The first line describes the tape; every other is one thing that happened, ``t`` being the
microseconds since the beginning by the loop's clock and ``at_ms`` the venue's clock. In the
order of happening:

began       at_ms tls                                  the world is open
request     n at_ms method path query headers body     from the client
reply       n at_ms executed status headers body
cut         n                                          the connection, in place of an answer
opened      stream at_ms path query headers private    a handshake that was accepted
declined    path query status headers body             one that was not
frame       stream at_ms inbound opcode topic payload
silenced    stream                                     half-open from here on
closed      stream at_ms code by_peer
refused                                                a new connection was reset
act         what args                                  the case stirs the world
told        ask args value                             the case asks the world
ended       faults                                     with what each fault has delivered

Bytes that are no UTF-8 are kept as latin-1, and the line says ``"encoding": "latin-1"``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson

import conformance
from conformance.errors import EvidenceError
from conformance.evidence.redaction import Redactor
from conformance.gateway.transcript import Transcript
from conformance.model.ids import Millis
from conformance.model.wire import (
    Reading,
    RoundTrip,
    Stream,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)

SCHEMA = 1
SUFFIX = ".jsonl"
LINES_MAX = 1_000_000

Line: TypeAlias = Mapping[str, Any]
"""One thing that happened."""

FIELDS: Mapping[str, frozenset[str]] = {
    kind: frozenset({"t", *fields.split()})
    for kind, fields in {
        "began": "at_ms",
        "request": "n at_ms method path query headers body",
        "reply": "n at_ms executed status headers body",
        "cut": "n",
        "opened": "stream at_ms path query headers private",
        "declined": "at_ms path query status headers body",
        "frame": "stream at_ms inbound opcode topic payload",
        "silenced": "stream",
        "closed": "stream at_ms code by_peer",
        "refused": "",
        "act": "what args",
        "told": "ask args value",
        "ended": "faults",
    }.items()
}
"""What a line of each kind must carry at least."""


@dataclass(frozen=True, slots=True)
class Reel:
    """A tape that was read."""

    path: Path
    head: Line
    lines: Sequence[Line]


class Tape:
    """Writes one tape; nothing reaches the file before the redactor has seen it.

    Raises EvidenceError when there can be no such file.
    """

    def __init__(self, path: Path, redactor: Redactor, **head: object) -> None:
        self.redactor = redactor
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
        except OSError as error:
            raise EvidenceError(
                f"the tape {path} cannot be written: {error.strerror}",
                hint="name another folder with --cassettes",
            ) from error
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._count = 0
        self._put({"kind": "tape", "schema": SCHEMA, "version": conformance.__version__, **head})

    def write(self, kind: str, **fields: object) -> None:
        """Append one line; raise EvidenceError when the tape is full."""
        self._count += 1
        if self._count > LINES_MAX:
            raise EvidenceError(f"the tape holds {LINES_MAX} lines", hint="record less at a time")
        t = round((self._loop.time() - self._began_s) * 1e6)
        self._put({"kind": kind, "t": t, **fields})

    def text(self, raw: bytes, name: str) -> dict[str, str]:
        """Return bytes as the fields of a line, without secrets."""
        try:
            return {name: self.redactor.text(raw.decode())}
        except UnicodeDecodeError:
            return {name: self.redactor.text(raw.decode("latin-1")), "encoding": "latin-1"}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _put(self, line: Line) -> None:
        self._file.write(orjson.dumps(line) + b"\n")


class Taped(Transcript):
    """A transcript that is put on tape as it grows."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def call(
        self, request: WireRequest, at: Millis, reading: Reading, pieces: tuple[bytes, ...]
    ) -> RoundTrip:
        """Record a request that has arrived."""
        trip = super().call(request, at, reading, pieces)
        self._tape.write(
            "request",
            n=trip.number,
            at_ms=at,
            method=request.method,
            **self._target(request.path, request.query.decode("latin-1")),
            headers=self._tape.redactor.headers(request.headers),
            **self._tape.text(request.body, "body"),
        )
        return trip

    def answered(self, trip: RoundTrip, reply: WireReply, at: Millis, sent: bytes) -> None:
        """Record the answer to a request."""
        super().answered(trip, reply, at, sent)
        executed = trip.executed
        self._tape.write("reply", n=trip.number, at_ms=at, executed=executed, **self._said(reply))

    def cut(self, trip: RoundTrip) -> None:
        """Record that a request's connection was cut in place of an answer."""
        self._tape.write("cut", n=trip.number)

    def refused(self, at: Millis) -> None:
        """Record that a new connection was reset."""
        self._tape.write("refused", at_ms=at)

    def declined(self, request: WireRequest, reply: WireReply, at: Millis) -> None:
        """Record that a handshake was answered with something else."""
        target = self._target(request.path, request.query.decode("latin-1"))
        self._tape.write("declined", at_ms=at, **target, **self._said(reply))

    def silenced(self, stream: Stream) -> None:
        """Record that a stream has gone half-open."""
        self._tape.write("silenced", stream=stream.stream)

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
        super().frame(stream, at, opcode, payload, inbound=inbound, topic=topic)
        self._tape.write(
            "frame",
            stream=stream,
            at_ms=at,
            inbound=inbound,
            opcode=opcode,
            topic=topic,
            **self._tape.text(payload, "payload"),
        )

    def opened(self, stream: Stream) -> None:
        """Record a WebSocket connection."""
        super().opened(stream)
        self._tape.write(
            "opened",
            stream=stream.stream,
            at_ms=stream.opened_ms,
            **self._target(stream.path, stream.query),
            headers=self._tape.redactor.headers(stream.headers),
            private=stream.private,
        )

    def ended(self, stream: Stream, at: Millis, code: int, *, by_peer: bool) -> None:
        """Record the end of a WebSocket connection."""
        super().ended(stream, at, code, by_peer=by_peer)
        self._tape.write("closed", stream=stream.stream, at_ms=at, code=code, by_peer=by_peer)

    def _target(self, path: str, query: str) -> dict[str, str]:
        text = self._tape.redactor.text
        return {"path": text(path), "query": text(query)}

    def _said(self, reply: WireReply) -> dict[str, object]:
        headers = self._tape.redactor.headers(reply.headers)
        return {"status": reply.status, "headers": headers, **self._tape.text(reply.body, "body")}


def raw(line: Line, name: str) -> bytes:
    """Return the bytes that a field of a line stands for."""
    text: str = line[name]
    return text.encode(line.get("encoding", "utf-8"))


def read(path: Path) -> Reel:
    """Return a tape. Raises EvidenceError when the file is none."""
    try:
        head, *lines = list(_lines(path))
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{path} is no tape: {error}", hint="record it again") from error
    if head.get("kind") != "tape" or head.get("schema") != SCHEMA:
        raise EvidenceError(f"{path} is no tape of schema {SCHEMA}", hint="record it again")
    for number, line in enumerate(lines, 2):
        fields = FIELDS.get(line.get("kind", ""))
        if fields is None or fields - line.keys():
            raise EvidenceError(f"{path}:{number} is no line of a tape", hint="record it again")
    return Reel(path, head, lines)


def _lines(path: Path) -> Iterator[Line]:
    for raw_line in path.read_bytes().splitlines():
        line = orjson.loads(raw_line)
        if not isinstance(line, dict):
            raise ValueError("a line is no object")  # noqa: TRY004 - told as one reason of many
        yield line
