"""The streams of the client, each with its counterpart at the venue."""

from __future__ import annotations

import asyncio

from conformance.contracts.dialect import ServerHalf
from conformance.errors import WorldError
from conformance.gateway.clock import Clock
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import Push, Stream, StreamId, Topic, WireReply, WireRequest
from conformance.tap.feed import Feed, Refused, open_feed
from conformance.tap.upstream import Lost, Unreachable, Upstream

PRIVATE = frozenset({Topic.ORDERS, Topic.FILLS, Topic.ACCOUNT})
"""What only the account itself may hear."""


class Hub(Streams):
    """Opens a stream at the venue for every stream of the client, and relays between them."""

    def __init__(
        self, sight: ServerHalf, upstream: Upstream, clock: Clock, transcript: Transcript
    ) -> None:
        super().__init__(clock, transcript, lag_ms=0)
        self._sight = sight
        self._upstream = upstream
        self._feeds: dict[StreamId, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(
        self, request: WireRequest, transport: asyncio.Transport, rest: bytes
    ) -> Channel | WireReply | bytes | None:
        """Repeat a handshake at the venue.

        Returns the new channel, the venue's refusal, the bytes that refuse what is no handshake,
        or None when the connection ended without an answer.
        """
        record = self._record(request)
        channel = Channel(self, record, {})
        refused = channel.greet(request)
        if refused is not None:
            return refused
        try:
            feed = await open_feed(self._upstream, request)
        except Refused as refusal:
            return refusal.reply
        except Unreachable as error:
            raise WorldError(
                f"the venue behind the tap cannot be reached: {error}", hint="is it running?"
            ) from error
        except (Lost, OSError):
            return None
        if transport.is_closing():
            feed.close(1001)
            return None
        record.private = self._sight.private(record.path, record.query)
        self._feeds[record.stream] = feed
        self._enter(channel, transport, rest)
        transport.resume_reading()
        feed.listen(_Ear(self, channel), self._listening)
        return channel

    def received(self, channel: Channel, payload: bytes) -> None:
        """Pass on a message of the client."""
        self._guarded(self._receive, channel, payload)

    def gone(self, record: Stream, at: Millis) -> None:
        """End the venue's side too."""
        del at
        feed = self._feeds.pop(record.stream, None)
        if feed is not None:
            feed.close(record.close_code or 1000)

    async def close(self) -> None:
        """Cease to listen to the venue."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def heard(self, channel: Channel, message: bytes) -> None:
        """Pass on a message of the venue."""
        topic = self._sight.topic(message)
        if topic in PRIVATE:
            channel.record.private = True
        self.publish((Push(channel.record.stream, topic, message),))

    def over(self, channel: Channel, code: int, reason: str) -> None:
        """Pass on that the venue's side has ended."""
        self.flush()
        if not channel.silent:
            channel.close(code, reason)

    def _receive(self, channel: Channel, payload: bytes) -> None:
        number = channel.record.stream
        self._transcript.frame(number, self._clock.now(), "text", payload, inbound=True)
        feed = self._feeds.get(number)
        if feed is not None:
            feed.send(payload)

    def _listening(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def owns(self, task: asyncio.Task[None]) -> bool:
        """Say whether a task is the tap's own."""
        return task in self._tasks


class _Ear:
    """Binds what one feed says to its channel."""

    def __init__(self, hub: Hub, channel: Channel) -> None:
        self._hub = hub
        self._channel = channel

    def heard(self, message: bytes) -> None:
        self._hub.heard(self._channel, message)

    def pinged(self, payload: bytes) -> None:
        self._channel.ping(payload)

    def over(self, code: int, reason: str) -> None:
        self._hub.over(self._channel, code, reason)
