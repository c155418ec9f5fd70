"""Troubles that strike frames which the venue pushes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Unpack

from conformance.contracts.faults import PushAim
from conformance.gateway.plan import FOREVER, Act, Armed, Gathering, PushFault, Shaped
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import head
from conformance.model.wire import StreamId, Topic

FIN, CONTINUED, TEXT, BINARY, PING = 0x80, 0x0, 0x1, 0x2, 0x9
"""Bits of a frame's first byte (RFC 6455, 5.2)."""
AMID = b"amid fragments"
"""Payload of a ping that stands between the fragments of a message."""


class PushFaults:
    """The part of the vocabulary that is about pushed frames."""

    planned: list[Armed]

    def __init__(self, streams: Streams, transcript: Transcript, chance: Random) -> None:
        self._streams = streams
        self._transcript = transcript
        self._jitter = chance

    def drop_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Armed:
        """Lose a frame on a healthy stream."""
        return self._on_push("drop_push", topic, lambda _stream, _text: (), aim)

    def duplicate_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Armed:
        """Send a frame twice."""
        return self._on_push("duplicate_push", topic, lambda _, text: (text, text), aim)

    def swap_pushes(self, topic: Topic, **aim: Unpack[PushAim]) -> Armed:
        """Send two neighbouring frames in the wrong order."""
        return self._gather(
            Gathering("swap_pushes", topic=topic, count=2, release=_backwards, **aim)
        )

    def delay_push(self, topic: Topic, delay_ms: int, **aim: Unpack[PushAim]) -> Armed:
        """Send frames late (order among them kept)."""

        def act(stream: StreamId, text: bytes) -> Sequence[bytes]:
            self._streams.later(delay_ms, stream, topic, text)
            return ()

        return self._on_push("delay_push", topic, act, aim)

    def jitter_push(self, topic: Topic, jitter_ms_max: int, **aim: Unpack[PushAim]) -> Armed:
        """Send frames up to ``jitter_ms_max`` late, as the seed has it (order kept)."""

        def act(stream: StreamId, text: bytes) -> Sequence[bytes]:
            self._streams.later(self._jitter.randint(0, jitter_ms_max), stream, topic, text)
            return ()

        return self._on_push("jitter_push", topic, act, aim)

    def burst_pushes(self, topic: Topic, count: int, **aim: Unpack[PushAim]) -> Armed:
        """Hold frames back until there are ``count``, then send them in one piece."""
        return self._gather(
            Gathering("burst_pushes", topic=topic, count=count, release=tuple, **aim)
        )

    def replace_push(self, topic: Topic, payload: bytes, **aim: Unpack[PushAim]) -> Armed:
        """Send these bytes in place of a frame."""
        return self._on_push("replace_push", topic, lambda _stream, _text: (payload,), aim)

    def rewrite_push(
        self, topic: Topic, rewrite: Callable[[bytes], bytes], **aim: Unpack[PushAim]
    ) -> Armed:
        """Send what ``rewrite`` makes of a frame."""
        return self._on_push("rewrite_push", topic, lambda _, text: (rewrite(text),), aim)

    def fragment_push(self, topic: Topic, size: int, **aim: Unpack[PushAim]) -> Armed:
        """Send a message as fragments of ``size`` bytes with a ping amid them."""

        def act(stream: StreamId, text: bytes) -> Sequence[Shaped]:
            self._streams.note(self._streams.channels[stream], "ping", AMID, inbound=False)
            return (Shaped(text, _fragments(text, size)),)

        return self._on_push("fragment_push", topic, act, aim)

    def binary_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Armed:
        """Send a message as a binary instead of a text frame."""

        def act(_: StreamId, text: bytes) -> Sequence[Shaped]:
            return (Shaped(text, head(text, FIN | BINARY) + text, opcode="binary"),)

        return self._on_push("binary_push", topic, act, aim)

    def truncate_push(self, topic: Topic, **aim: Unpack[PushAim]) -> Armed:
        """Send half a frame and cut the stream."""

        def act(_: StreamId, text: bytes) -> Sequence[Shaped]:
            half = text[: len(text) // 2]
            return (Shaped(half, head(text) + half, torn=True),)

        return self._on_push("truncate_push", topic, act, aim)

    def mute(self, topic: Topic) -> Armed:
        """Send nothing on a topic any more, while pings are still answered; until withdrawn."""
        return self._arm_push(
            PushFault("mute", FOREVER, topic=topic, act=lambda _stream, _text: ())
        )

    def replay_pushes(self, topic: Topic, count: int) -> Armed:
        """Send the last ``count`` frames of a topic once more, now."""
        fault = Armed("replay_pushes", count)
        self.planned.append(fault)
        frames = self._transcript.frames(topic, inbound=False)
        for frame in frames[-count:] if count else ():
            for stream in self._heirs(frame.stream):
                fault.delivered += self._streams.send(stream, topic, [frame.payload])
        return fault

    def _heirs(self, stream: StreamId) -> Sequence[StreamId]:
        """Return the stream while it is open, afterwards the open ones of its kind."""
        if stream in self._streams.channels:
            return (stream,)
        records = {record.stream: record for record in self._transcript.streams()}
        return [
            channel.record.stream
            for channel in self._streams.channels.values()
            if channel.record.private is records[stream].private
        ]

    def _on_push(self, name: str, topic: Topic, act: Act, aim: PushAim) -> Armed:
        return self._arm_push(PushFault(name, topic=topic, act=act, **aim))

    def _gather(self, fault: Gathering) -> Armed:
        """Arm a fault that holds frames back; withdrawn, it sends those that still wait."""

        def undo() -> None:
            for stream, texts in sorted(fault.held.items()):
                self._streams.send(stream, fault.topic, texts)
            fault.held.clear()

        fault.undo = undo
        return self._arm_push(fault)

    def _arm_push(self, fault: PushFault) -> Armed:
        self.planned.append(fault)
        self._streams.faults.append(fault)
        return fault


def _backwards(texts: Sequence[bytes]) -> Sequence[bytes]:
    return tuple(reversed(texts))


def _fragments(text: bytes, size: int) -> bytes:
    """Return a message in fragments, and a ping behind the first of them."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)] or [b""]
    out = []
    for number, piece in enumerate(pieces):
        first = (CONTINUED if number else TEXT) | (FIN if number == len(pieces) - 1 else 0)
        out.append(head(piece, first) + piece)
    ping = head(AMID, FIN | PING) + AMID
    return b"".join([out[0], ping, *out[1:]])
