"""Troubles on the way to a venue and in its words: most of the Faults contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.contracts.dialect import ErrorRow, ServerHalf
from conformance.errors import WorldError
from conformance.gateway.door import Door
from conformance.gateway.plan import (
    FOREVER,
    Armed,
    Fate,
    Plan,
    PushFault,
    RequestFault,
    Substitute,
    SwapFault,
)
from conformance.gateway.streams import Streams
from conformance.gateway.transcript import Transcript
from conformance.gateway.ws import Channel
from conformance.model.ids import Millis
from conformance.model.wire import (
    Condition,
    Operation,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)


class Faults:
    """Arms faults and keeps them all in ``planned``, in the order of arming.

    What takes a hand on the venue itself (its clock, its keys, its past) its heirs add.
    """

    def __init__(
        self,
        half: ServerHalf,
        door: Door,
        streams: Streams,
        transcript: Transcript,
        errors: Sequence[ErrorRow],
    ) -> None:
        self.planned: list[Armed] = []
        """Every fault ever armed; one with ``delivered == 0`` never struck."""
        self._half = half
        self._door = door
        self._streams = streams
        self._transcript = transcript
        self._errors = {row.code: row for row in errors}

    def lose_answer(self, on: Operation, *, executed: bool, times: int = 1, skip: int = 0) -> Armed:
        """Never answer and cut the connection; ``executed``: process the request first."""

        def shape(plan: Plan) -> None:
            plan.fate, plan.executed = Fate.CUT, executed

        return self._on_request("lose_answer", on, shape, times, skip, final=True)

    def stall(self, on: Operation, *, executed: bool, times: int = 1, skip: int = 0) -> Armed:
        """Never answer, keep the connection open."""

        def shape(plan: Plan) -> None:
            plan.fate, plan.executed = Fate.STALLED, executed

        return self._on_request("stall", on, shape, times, skip, final=True)

    def delay_answer(self, on: Operation, delay_ms: int, *, times: int = 1, skip: int = 0) -> Armed:
        """Process at once, answer late."""

        def shape(plan: Plan) -> None:
            plan.answer_delay_ms += delay_ms

        return self._on_request("delay_answer", on, shape, times, skip)

    def delay_request(
        self, on: Operation, delay_ms: int, *, times: int = 1, skip: int = 0
    ) -> Armed:
        """Let the request arrive late: the venue sees it only then."""

        def shape(plan: Plan) -> None:
            plan.request_delay_ms += delay_ms

        return self._on_request("delay_request", on, shape, times, skip)

    def answer(
        self,
        on: Operation,
        condition: Condition,
        *,
        executed: bool = False,
        times: int = 1,
        skip: int = 0,
        retry_after_ms: int | None = None,
        text: str = "",
    ) -> Armed:
        """Answer with a trouble in the venue's words; ``text`` replaces its message."""

        def substitute(_: WireRequest, at: Millis) -> WireReply:
            return self._half.refusal(condition, on, at, retry_after_ms=retry_after_ms, text=text)

        return self._substitute("answer", on, substitute, executed=executed, times=times, skip=skip)

    def answer_code(
        self, on: Operation, code: str, *, executed: bool = False, times: int = 1, skip: int = 0
    ) -> Armed:
        """Answer with one row of ``world.errors``; raise WorldError when there is none."""
        row = self._errors.get(code)
        if row is None:
            raise WorldError(f"no documented error {code}", hint="choose a row of world.errors")

        def substitute(_request: WireRequest, _at: Millis) -> WireReply:
            return self._half.documented(row)

        return self._substitute(
            "answer_code", on, substitute, executed=executed, times=times, skip=skip, code=code
        )

    def refuse_connections(self, *, times: int = 1) -> Armed:
        """Reset new connections (HTTP and WebSocket) before a byte is read."""
        fault = Armed("refuse_connections", times)
        self.planned.append(fault)
        self._door.refusals.append(fault)
        return fault

    def drop_push(self, topic: Topic, *, times: int = 1, skip: int = 0) -> Armed:
        """Lose a frame on a healthy stream."""
        return self._on_push("drop_push", topic, lambda _stream, _text: (), times, skip)

    def duplicate_push(self, topic: Topic, *, times: int = 1, skip: int = 0) -> Armed:
        """Send a frame twice."""
        return self._on_push("duplicate_push", topic, lambda _, text: (text, text), times, skip)

    def swap_pushes(self, topic: Topic, *, times: int = 1, skip: int = 0) -> Armed:
        """Send two neighbouring frames in the wrong order."""
        fault = SwapFault("swap_pushes", times, skip, topic=topic)
        self.planned.append(fault)
        self._streams.faults.append(fault)
        return fault

    def delay_push(self, topic: Topic, delay_ms: int, *, times: int = 1, skip: int = 0) -> Armed:
        """Send frames late (order among them kept)."""

        def act(stream: StreamId, text: bytes) -> Sequence[bytes]:
            self._streams.later(delay_ms, stream, topic, text)
            return ()

        return self._on_push("delay_push", topic, act, times, skip)

    def replace_push(self, topic: Topic, payload: bytes, *, times: int = 1, skip: int = 0) -> Armed:
        """Send these bytes in place of a frame."""
        return self._on_push("replace_push", topic, lambda _stream, _text: (payload,), times, skip)

    def rewrite_push(
        self, topic: Topic, rewrite: Callable[[bytes], bytes], *, times: int = 1, skip: int = 0
    ) -> Armed:
        """Send what ``rewrite`` makes of a frame."""
        return self._on_push("rewrite_push", topic, lambda _, text: (rewrite(text),), times, skip)

    def push_before_reply(self, on: Operation, *, times: int = 1, skip: int = 0) -> Armed:
        """Send what a request causes on the streams before its answer (else: after it)."""

        def shape(plan: Plan) -> None:
            plan.push_first = True

        return self._on_request("push_before_reply", on, shape, times, skip)

    def mute(self, topic: Topic) -> Armed:
        """Send nothing on a topic any more, while pings are still answered; until withdrawn."""
        return self._on_push("mute", topic, lambda _stream, _text: (), FOREVER, 0)

    def close_streams(self, code: int = 1000, *, private: bool | None = None) -> Armed:
        """Close the open streams now; 1006 cuts them without a close frame."""
        return self._at_once("close_streams", lambda channel: channel.close(code), private=private)

    def silence_streams(self, *, private: bool | None = None) -> Armed:
        """Let the open streams go half-open now: no data, no pongs, no close."""

        def silence(channel: Channel) -> None:
            channel.silent = True
            self._transcript.silenced(channel.record)

        return self._at_once("silence_streams", silence, private=private)

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

    def seal(self) -> Armed:
        """Reset every new connection until withdrawn; not one of a case's planned faults."""
        fault = Armed("seal", FOREVER)
        self._door.refusals.append(fault)
        return fault

    def _done(self, name: str, undo: Callable[[], object] | None = None) -> Armed:
        fault = Armed(name, delivered=1, undo=undo)
        self.planned.append(fault)
        return fault

    def _at_once(self, name: str, act: Callable[[Channel], None], *, private: bool | None) -> Armed:
        fault = Armed(name, FOREVER)
        self.planned.append(fault)
        for channel in list(self._streams.channels.values()):
            if channel.silent or (private is not None and channel.record.private is not private):
                continue
            fault.delivered += 1
            act(channel)
        return fault

    def _on_request(
        self,
        name: str,
        on: Operation,
        shape: Callable[[Plan], None],
        times: int,
        skip: int,
        *,
        final: bool = False,
    ) -> Armed:
        fault = RequestFault(name, times, skip, on=frozenset({on}), shape=shape, final=final)
        return self._arm(fault)

    def _arm(self, fault: RequestFault) -> Armed:
        self.planned.append(fault)
        self._door.faults.append(fault)
        return fault

    def _substitute(
        self,
        name: str,
        on: Operation,
        substitute: Substitute,
        *,
        executed: bool,
        times: int,
        skip: int,
        code: str = "",
    ) -> Armed:
        def shape(plan: Plan) -> None:
            plan.substitute, plan.executed, plan.code = substitute, executed, code

        return self._on_request(name, on, shape, times, skip, final=True)

    def _on_push(
        self,
        name: str,
        topic: Topic,
        act: Callable[[StreamId, bytes], Sequence[bytes]],
        times: float,
        skip: int,
    ) -> Armed:
        fault = PushFault(name, times, skip, topic=topic, act=act)
        self.planned.append(fault)
        self._streams.faults.append(fault)
        return fault
