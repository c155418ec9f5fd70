"""The streams of a server half, and what is due by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from conformance.contracts.dialect import ServerHalf
from conformance.gateway.clock import Clock
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import Stream, WireRequest


class Hub(Streams):
    """Owns the streams, and the timer for what happens by itself."""

    def __init__(
        self,
        half: ServerHalf,
        clock: Clock,
        transcript: Transcript,
        facts: Mapping[str, Any],
        *,
        lag_ms: int,
    ) -> None:
        super().__init__(clock, transcript, lag_ms=lag_ms)
        self.on_input: Callable[[str, Any, Millis], None] = lambda _kind, _what, _at: None
        """Told of everything that goes into the server half."""
        self.due: Millis | None = None
        """When something happens by itself next."""
        self._half = half
        self._facts = facts
        self._timer: asyncio.TimerHandle | None = None

    def open(self, request: WireRequest, transport: asyncio.Transport, rest: bytes) -> object:
        """Answer a handshake: return the new channel, or the refusal (bytes or WireReply)."""
        record = self._record(request)
        at = record.opened_ms
        channel = Channel(self, record, self._facts)
        refused = channel.greet(request)
        if refused is not None:
            return refused
        self.on_input("open", (record.stream, request), at)
        opened = self._half.open(record.stream, record.path, record.query, record.headers, at)
        if not opened.accepted:
            return opened.reply
        record.private = opened.private
        self._enter(channel, transport, rest)
        self.publish(opened.pushes)
        self.schedule()
        return channel

    def received(self, channel: Channel, payload: bytes) -> None:
        """Take a message of a client."""
        self._guarded(self._receive, channel, payload)

    def gone(self, record: Stream, at: Millis) -> None:
        """Tell the server half that a stream has ended."""
        self.on_input("close", record.stream, at)
        self._half.close(record.stream, at)

    def catch_up(self, at: Millis) -> None:
        """Let happen what is due before something else happens at ``at``."""
        if self.due is not None and self.due <= at:
            self._tick(at)

    def schedule(self) -> None:
        """Set the timer for what is due next."""
        due = self._half.due()
        if due == self.due and (self._timer is not None) == (due is not None):
            return
        self.due = due
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            delay = self._clock.seconds_until(due)
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring)

    def reset_clock(self) -> None:
        """Set the timer anew: the venue's clock was moved."""
        self.due = None
        self.schedule()

    def stop(self) -> None:
        """Cancel all timers."""
        super().stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _receive(self, channel: Channel, payload: bytes) -> None:
        at, record = self._clock.now(), channel.record
        self._transcript.frame(record.stream, at, "text", payload, inbound=True)
        self.on_input("receive", (record.stream, payload), at)
        answer = self._half.receive(record.stream, payload, at)
        record.private = record.private or answer.private
        self.publish(answer.pushes)
        if answer.close_code is not None:
            self.flush()
            channel.close(answer.close_code)
        self.schedule()

    def _ring(self) -> None:
        self._timer = None
        self._guarded(self._tick, self._clock.now())

    def _tick(self, at: Millis) -> None:
        self.on_input("tick", None, at)
        self.due = None
        self.publish(self._half.tick(at))
        self.schedule()
