"""A tape as a venue: it answers whoever says what the recorded client said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import ServerHalf, Venue
from conformance.errors import Finding, InvariantBroken
from conformance.evidence.redaction import Redactor
from conformance.exchange import Engine
from conformance.gateway import tls as certificates
from conformance.gateway.clock import Clock
from conformance.gateway.door import Door
from conformance.gateway.http import Connection
from conformance.gateway.server import Server
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import (
    Headers,
    RoundTrip,
    Stream,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)
from conformance.tap import saying
from conformance.tap.score import HANDSHAKES, Score
from conformance.tap.tape import Line, Reel, raw

HOST = "127.0.0.1"
READER = "testee"


class Replay:
    """Plays one tape on a port of its own; ``check`` raises Finding for the first deviation."""

    def __init__(self, venue: Venue, reel: Reel, credentials: Credentials) -> None:
        self.endpoints: Endpoints
        self.score = Score(reel)
        self.clock = Clock()
        self.transcript = Transcript()
        self.redactor = Redactor(credentials)
        sight = venue.server(Engine(venue.listings), {})
        sight.add_key(credentials, READER)
        self.hub = Hub(self, sight)
        self.desk = Desk(self, sight)
        self._venue = venue
        began = next((line for line in reel.lines if line["kind"] == "began"), None)
        self._tls = certificates.issue() if began is not None and began.get("tls") else None
        self._server = Server(self.desk, self._tls)
        self._timers: set[asyncio.TimerHandle] = set()
        self._loop: asyncio.AbstractEventLoop
        self._began_s: float
        self._released = 0
        self._queue: deque[Line] = deque()
        """What streams are to say, in order."""
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, *, port: int = 0) -> Endpoints:
        """Listen; the tape begins to run."""
        await self._server.listen(HOST, port)
        self.endpoints = self._server.endpoints(self._venue)
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self.step_clock(0)
        return self.endpoints

    async def stop(self) -> None:
        """Close every socket and timer."""
        for timer in (self._timer, *self._timers):
            if timer is not None:
                timer.cancel()
        self.hub.stop()
        await self._server.close()
        self.hub.stop()
        if self._tls is not None:
            self._tls.close()

    def elapsed(self) -> int:
        """Return the microseconds since the beginning."""
        return round((self._loop.time() - self._began_s) * 1e6)

    def step_clock(self, offset_ms: int) -> None:
        """Let the venue's clock show what it showed, and ``offset_ms`` more."""
        stamped = (line for line in self.score.lines if "at_ms" in line)
        first = next(stamped, None)
        if first is not None:
            began_ms = first["at_ms"] - first["t"] // 1000
            passed_ms = self.elapsed() // 1000
            self.clock.offset_ms += began_ms + passed_ms + offset_ms - self.clock.now()

    def owns(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a task is the replay's own."""
        return task in self._server.handshakes

    def check(self) -> None:
        """Raise Finding for the first deviation, InvariantBroken for a fault of our own."""
        if self.hub.failures:
            failure = self.hub.failures[0]
            raise InvariantBroken(f"the replay failed: {failure!r}") from failure
        if self.score.deviations:
            claim, expected, observed = self.score.deviations[0]
            raise Finding(claim, expected=expected, observed=observed)

    def conclude(self) -> None:
        """Check, and raise Finding when something recorded was never sent."""
        self.check()
        unsaid = self.score.unsaid()
        if unsaid:
            claim = "the client sends everything that was recorded"
            observed = f"never sent, with {len(unsaid) - 1} more"
            raise Finding(claim, expected=str(unsaid[0]), observed=observed)

    def act(self, what: str, args: list[Any]) -> bool:
        """Take note of what the case does; False when that is a deviation."""
        said = saying.act({"what": what, "args": args})
        found = self.score.say(("act",), said, self.elapsed())
        self.release()
        return found is not None

    def release(self) -> None:
        """Let everything go out that waited for what was just said."""
        frontier = self.score.frontier
        while self._released < frontier:
            line = self.score.lines[self._released]
            self._released += 1
            if line["kind"] in ("frame", "silenced", "closed"):
                self._queue.append(line)
        self._play()

    def _play(self) -> None:
        """Play what is due, in order: timers of one instant would not keep it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue and self._queue[0]["t"] <= self.elapsed():
            self.hub.play(self._queue.popleft())
        if self._queue:
            delay_s = (self._queue[0]["t"] - self.elapsed()) / 1e6
            self._timer = self._loop.call_later(delay_s, self._play)

    def later(self, delay_us: int, action: Callable[..., None], *args: object) -> None:
        """Do something when its time has come."""

        def ring() -> None:
            self._timers.discard(timer)
            action(*args)

        delay_s = max(0, delay_us) / 1e6
        timer = self._loop.call_later(delay_s, ring)
        self._timers.add(timer)


class Desk(Door):
    """Answers requests from the tape."""

    def __init__(self, replay: Replay, sight: ServerHalf) -> None:
        super().__init__(replay.clock.now, replay.transcript, replay.hub.failures)
        self._replay = replay
        self._sight = sight
        self._answers = {
            line["n"]: line for line in replay.score.lines if line["kind"] in ("reply", "cut")
        }
        replay.hub.on_lost = self.lost

    def refuses(self) -> bool:
        """Say whether a new connection was reset when this was recorded."""
        on_tape = self._replay.score.connect(self._replay.elapsed())
        self._replay.release()
        return super().refuses() or on_tape

    def serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> None:
        """Look a request up; its answer follows when it did."""
        try:
            self._serve(request, pieces, connection)
        except Exception as error:  # noqa: BLE001 - our own bug: kept, and told by the world
            self._fail(error, connection)

    def _serve(
        self, request: WireRequest, pieces: tuple[bytes, ...], connection: Connection
    ) -> None:
        replay, at = self._replay, self.now()
        trip = self._transcript.call(request, at, self._sight.read(request, at), pieces)
        line = self._said(request)
        answer = self._answers.get(line["n"]) if line is not None else None
        if line is None:
            connection.cut()
        elif answer is not None:
            replay.later(answer["t"] - line["t"], self._reply, connection, trip, answer)

    def played(self, request: WireRequest, reply: WireReply) -> None:
        """Take note of a request that a cassette has answered."""
        at = self.now()
        trip = self._transcript.call(request, at, self._sight.read(request, at), ())
        line = self._said(request)
        if line is not None:
            answer = self._answers[line["n"]]
            trip.executed = answer["executed"]
            trip.reading = trip.reading._replace(code=self._sight.code(reply))
            self._transcript.answered(trip, reply, at, b"")

    def _said(self, request: WireRequest) -> Line | None:
        """Look a request up."""
        replay, text = self._replay, self._replay.redactor.text
        said = saying.request(
            {
                "method": request.method,
                "path": text(request.path),
                "query": text(request.query),
                "headers": request.headers,
                "body": text(request.body),
            }
        )
        line = replay.score.say(("request",), said, replay.elapsed())
        replay.release()
        return line

    def upgrade(self, connection: Connection, request: WireRequest, rest: bytes) -> None:
        """Look a handshake up, and let the stream live or decline it."""
        opened = self._replay.hub.open(request, connection.transport, rest)
        if isinstance(opened, Channel):
            self.live.discard(connection)
            self.live.add(opened)
        elif isinstance(opened, WireReply):
            connection.send_last(opened)
        else:
            connection.cut()

    def _reply(self, connection: Connection, trip: RoundTrip, line: Line) -> None:
        if line["kind"] == "cut":
            connection.cut()
            return
        reply = _reply_of(line)
        trip.executed = line["executed"]
        trip.reading = trip.reading._replace(code=self._sight.code(reply))
        self._answer(connection, reply, trip)


class Hub(Streams):
    """Plays the streams of the tape."""

    def __init__(self, replay: Replay, sight: ServerHalf) -> None:
        super().__init__(replay.clock, replay.transcript, lag_ms=0)
        self._replay = replay
        self._sight = sight
        self._ended: set[StreamId] = set()

    def open(
        self, request: WireRequest, transport: asyncio.Transport, rest: bytes
    ) -> Channel | WireReply | None:
        """Look a handshake up: the stream it made, what it was answered, or None."""
        replay, record = self._replay, self._record(request)
        text = replay.redactor.text
        said = saying.handshake({"path": text(record.path), "query": text(record.query)})
        line = replay.score.say(HANDSHAKES, said, replay.elapsed())
        if line is None:
            return None
        if line["kind"] == "declined":
            replay.release()
            return _reply_of(line)
        record.stream, record.private = line["stream"], line["private"]
        channel = Channel(self, record, {})
        if channel.greet(request) is not None:
            return None
        self._enter(channel, transport, rest)
        replay.release()
        return channel

    def received(self, channel: Channel, payload: bytes) -> None:
        """Look a message up."""
        replay, number = self._replay, channel.record.stream
        self._transcript.frame(number, self._clock.now(), "text", payload, inbound=True)
        said = saying.frame({"stream": number, "payload": replay.redactor.text(payload)})
        if replay.score.say(("frame",), said, replay.elapsed()) is None:
            channel.cut()
        replay.release()

    def gone(self, record: Stream, at: Millis) -> None:
        """Forget a stream."""
        del record, at

    def play(self, line: Line) -> None:
        """Let one thing happen on a stream, if it still lives."""
        channel = self.channels.get(line["stream"])
        if channel is None:
            return
        if line["kind"] == "silenced":
            channel.silent = True
        elif line["kind"] == "closed":
            if not line["by_peer"]:
                self.flush()
                channel.close(line["code"])
        elif not line["inbound"]:
            self._say(channel, line)

    def _say(self, channel: Channel, line: Line) -> None:
        payload = raw(line, "payload")
        if line["opcode"] == "text":
            topic = Topic(line["topic"] or Topic.CONTROL)
            self.send(channel.record.stream, topic, [payload])
        elif line["opcode"] == "ping":
            channel.ping(payload)


def _reply_of(line: Line) -> WireReply:
    headers: Headers = tuple((name, value) for name, value in line["headers"])
    return WireReply(line["status"], raw(line, "body"), headers, "")
