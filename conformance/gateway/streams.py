"""All WebSocket streams of one venue: pushes in order, and faults on frames."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conformance.gateway.clock import Clock
from conformance.gateway.plan import PushFault, Shaped
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import POLICY, QUEUE_MAX, Channel, head
from conformance.model.ids import Millis
from conformance.model.wire import Push, Stream, StreamId, Topic, WireRequest


@dataclass(slots=True)
class Late:
    """Frames of one stream and topic that were held up."""

    until_s: float = 0.0
    """When the last of them is to leave."""
    texts: deque[bytes] = field(default_factory=deque)
    timers: deque[asyncio.TimerHandle] = field(default_factory=deque)


class Streams(ABC):
    """Owns the streams. ``lag_ms`` is how long after its cause a push leaves (0: next turn).

    In virtual time any lag above zero means: after every answer under way has been read.
    """

    def __init__(self, clock: Clock, transcript: Transcript, *, lag_ms: int) -> None:
        self.faults: list[PushFault] = []
        """Armed faults on frames."""
        self.channels: dict[StreamId, Channel] = {}
        """Open streams."""
        self.failures: list[Exception] = []
        """What went wrong inside our own house."""
        self.on_lost: Callable[[object], None] = lambda _: None
        self._clock = clock
        self._transcript = transcript
        self._lag_s = lag_ms / 1000
        self._dirty: dict[StreamId, Channel] = {}
        self._flushing: asyncio.Handle | None = None
        self._late: dict[tuple[StreamId, Topic], Late] = {}
        self._numbers = 0

    @abstractmethod
    def received(self, channel: Channel, payload: bytes) -> None:
        """Take a message of a client."""

    def publish(self, pushes: Sequence[Push]) -> None:
        """Queue frames; they leave together after the lag."""
        for push in pushes:
            channel = self.channels.get(push.stream)
            if channel is None:
                continue
            if len(channel.queue) >= QUEUE_MAX:
                channel.close(POLICY, "too slow")
                continue
            channel.queue.append(push)
            self._dirty[push.stream] = channel
        if self._flushing is None and self._dirty:
            loop = asyncio.get_running_loop()
            self._flushing = (
                loop.call_later(self._lag_s, self.flush)
                if self._lag_s
                else loop.call_soon(self.flush)
            )

    def flush(self) -> None:
        """Send everything that waits."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        dirty, self._dirty = self._dirty, {}
        for channel in dirty.values():
            if not channel.congested:
                self._guarded(self._drain, channel)

    def later(self, delay_ms: int, stream: StreamId, topic: Topic, text: bytes) -> None:
        """Send one frame after a delay, past all faults, and never before an earlier late one."""
        loop = asyncio.get_running_loop()
        late = self._late.setdefault((stream, topic), Late())
        late.until_s = max(loop.time() + delay_ms / 1000, late.until_s)

        def send() -> None:
            # Timers of one instant go off in any order; the texts keep theirs.
            late.timers.popleft()
            self.send(stream, topic, [late.texts.popleft()])

        late.texts.append(text)
        late.timers.append(loop.call_at(late.until_s, send))

    def send(self, stream: StreamId, topic: Topic, texts: Sequence[bytes]) -> int:
        """Send frames at once, past all faults; return how many."""
        channel = self.channels.get(stream)
        if channel is None or channel.silent or not channel.open:
            return 0
        self._write(channel, [(topic, text) for text in texts])
        return len(texts)

    def note(self, channel: Channel, opcode: str, payload: bytes, *, inbound: bool) -> None:
        """Record a control frame."""
        at = self._clock.now()
        self._transcript.frame(channel.record.stream, at, opcode, payload, inbound=inbound)

    def ended(self, channel: Channel, code: int, *, by_peer: bool) -> None:
        """Forget a stream."""
        record = channel.record
        at = self._clock.now()
        self.channels.pop(record.stream, None)
        self._dirty.pop(record.stream, None)
        self._transcript.ended(record, at, code, by_peer=by_peer)
        self.gone(record, at)

    @abstractmethod
    def gone(self, record: Stream, at: Millis) -> None:
        """Take note that a stream has ended."""

    def drained(self, channel: Channel) -> None:
        """Send what had to wait for a slow reader."""
        self._guarded(self._drain, channel)

    def lost(self, connection: object) -> None:
        """Pass on that a connection is gone."""
        self.on_lost(connection)

    def stop(self) -> None:
        """Cancel all timers."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        for late in self._late.values():
            for timer in late.timers:
                timer.cancel()
        self._late.clear()

    def _record(self, request: WireRequest) -> Stream:
        """Return the record of a new stream, not yet entered."""
        self._numbers += 1
        query = request.query.decode("latin-1")
        at = self._clock.now()
        return Stream(self._numbers, request.path, query, at, request.headers)

    def _enter(self, channel: Channel, transport: asyncio.Transport, rest: bytes) -> None:
        """Let a stream live."""
        record = channel.record
        self._transcript.opened(record)
        self.channels[record.stream] = channel
        channel.take_over(transport, rest)

    def _guarded(self, action: Callable[..., None], *args: object) -> None:
        """Do something; keep what goes wrong, for the world to tell."""
        try:
            action(*args)
        except Exception as error:  # noqa: BLE001 - our own bug, or a case's
            self.failures.append(error)

    def _drain(self, channel: Channel) -> None:
        if not channel.open:
            return
        sent: list[tuple[Topic, bytes | Shaped]] = []
        queue = channel.queue
        stream = channel.record.stream
        closed: int | None = None
        while queue and closed is None:
            push = queue.popleft()
            closed = push.close_code
            if channel.silent or closed is not None:
                continue
            if self.faults:
                sent += [(push.topic, text) for text in self._strike(stream, push)]
            else:
                sent.append((push.topic, push.text))
        if sent:
            self._write(channel, sent)
        if closed is not None:
            channel.close(closed)

    def _strike(self, stream: StreamId, push: Push) -> Sequence[bytes | Shaped]:
        for fault in self.faults:
            if fault.fits(push.topic, push.text) and fault.strikes():
                return fault.act(stream, push.text)
        return (push.text,)

    def _write(self, channel: Channel, sent: Sequence[tuple[Topic, bytes | Shaped]]) -> None:
        at = self._clock.now()
        number = channel.record.stream
        parts: list[bytes] = []
        torn = False
        for topic, said in sent:
            if isinstance(said, Shaped):
                parts.append(said.wire)
                opcode, text, torn = said.opcode, said.text, said.torn
            else:
                parts += (head(said), said)
                opcode, text = "text", said
            self._transcript.frame(number, at, opcode, text, inbound=False, topic=topic)
            if torn:
                break
        channel.write(parts)
        if torn:
            channel.hang_up()
