"""Troubles that strike requests and their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Unpack

from conformance.contracts.dialect import ErrorRow, ServerHalf
from conformance.contracts.faults import RequestAim
from conformance.errors import WorldError
from conformance.gateway.door import Door
from conformance.gateway.pace import Pace
from conformance.gateway.plan import FOREVER, Armed, Fate, Plan, RequestFault, Substitute
from conformance.model.ids import Millis
from conformance.model.wire import Condition, Operation, WireReply, WireRequest


class RequestFaults:
    """The part of the vocabulary that is about requests."""

    def __init__(
        self, half: ServerHalf, door: Door, errors: Sequence[ErrorRow], chance: Random
    ) -> None:
        self.planned: list[Armed] = []
        """Every fault ever armed; one with ``delivered == 0`` never struck."""
        self._half = half
        self._door = door
        self._errors = {row.code: row for row in errors}
        self._chance = chance

    def lose_answer(
        self, on: Operation, *, executed: bool, reset: bool = False, **aim: Unpack[RequestAim]
    ) -> Armed:
        """Never answer and cut the connection; ``executed``: process the request first."""

        def shape(plan: Plan) -> None:
            plan.fate, plan.executed, plan.reset = Fate.CUT, executed, reset

        return self._decide("lose_answer", on, shape, aim)

    def stall(self, on: Operation, *, executed: bool, **aim: Unpack[RequestAim]) -> Armed:
        """Never answer, keep the connection open."""

        def shape(plan: Plan) -> None:
            plan.fate, plan.executed = Fate.STALLED, executed

        return self._decide("stall", on, shape, aim)

    def delay_answer(self, on: Operation, delay_ms: int, **aim: Unpack[RequestAim]) -> Armed:
        """Process at once, answer late."""

        def shape(plan: Plan) -> None:
            plan.answer_delay_ms += delay_ms

        return self._alter("delay_answer", on, shape, aim)

    def jitter_answer(self, on: Operation, jitter_ms_max: int, **aim: Unpack[RequestAim]) -> Armed:
        """Process at once, answer up to ``jitter_ms_max`` late, as the seed has it."""

        def shape(plan: Plan) -> None:
            plan.answer_delay_ms += self._chance.randint(0, jitter_ms_max)

        return self._alter("jitter_answer", on, shape, aim)

    def delay_request(self, on: Operation, delay_ms: int, **aim: Unpack[RequestAim]) -> Armed:
        """Let the request arrive late: the venue sees it only then."""

        def shape(plan: Plan) -> None:
            plan.request_delay_ms += delay_ms

        return self._alter("delay_request", on, shape, aim)

    def corrupt_request(self, on: Operation, **aim: Unpack[RequestAim]) -> Armed:
        """Let the last letter or digit of the body (or query) arrive as another one."""

        def shape(plan: Plan) -> None:
            plan.corrupt = _corrupted

        return self._alter("corrupt_request", on, shape, aim)

    def answer(
        self,
        on: Operation,
        condition: Condition,
        *,
        executed: bool = False,
        retry_after_ms: int | None = None,
        text: str = "",
        **aim: Unpack[RequestAim],
    ) -> Armed:
        """Answer with a trouble in the venue's words; ``text`` replaces its message."""

        def substitute(_: WireRequest, at: Millis) -> WireReply:
            return self._half.refusal(condition, on, at, retry_after_ms=retry_after_ms, text=text)

        shape = _substituted(substitute, executed=executed)
        return self._decide("answer", on, shape, aim)

    def answer_code(
        self, on: Operation, code: str, *, executed: bool = False, **aim: Unpack[RequestAim]
    ) -> Armed:
        """Answer with one row of ``world.errors``; raise WorldError when there is none."""
        row = self._errors.get(code)
        if row is None:
            raise WorldError(f"no documented error {code}", hint="choose a row of world.errors")

        def substitute(_request: WireRequest, _at: Millis) -> WireReply:
            return self._half.documented(row)

        shape = _substituted(substitute, executed=executed, code=code)
        return self._decide("answer_code", on, shape, aim)

    def answer_with(
        self, on: Operation, reply: WireReply, *, executed: bool = False, **aim: Unpack[RequestAim]
    ) -> Armed:
        """Answer with just this: any status, any fields, any body."""
        shape = _substituted(lambda _request, _at: reply, executed=executed)
        return self._decide("answer_with", on, shape, aim)

    def rewrite_answer(
        self, on: Operation, rewrite: Callable[[WireReply], WireReply], **aim: Unpack[RequestAim]
    ) -> Armed:
        """Process the request and send what ``rewrite`` makes of its answer."""

        def shape(plan: Plan) -> None:
            plan.rewrite = rewrite

        return self._decide("rewrite_answer", on, shape, aim)

    def slice_answer(
        self, on: Operation, size: int, every_ms: int, **aim: Unpack[RequestAim]
    ) -> Armed:
        """Send an answer in pieces of ``size`` bytes, one ``every_ms``."""

        def shape(plan: Plan) -> None:
            plan.pace = Pace(size, every_ms)

        return self._alter("slice_answer", on, shape, aim)

    def truncate_answer(self, on: Operation, missing: int, **aim: Unpack[RequestAim]) -> Armed:
        """Process the request; close the connection ``missing`` bytes before its answer's end."""

        def shape(plan: Plan) -> None:
            plan.missing = missing

        return self._decide("truncate_answer", on, shape, aim)

    def push_before_reply(self, on: Operation, **aim: Unpack[RequestAim]) -> Armed:
        """Send what a request causes on the streams before its answer (else: after it)."""

        def shape(plan: Plan) -> None:
            plan.push_first = True

        return self._alter("push_before_reply", on, shape, aim)

    def storm(
        self, condition: Condition, *, for_ms: int, retry_after_ms: int | None = None
    ) -> Armed:
        """Answer every request for a time with a trouble in the venue's words."""
        clock = asyncio.get_running_loop().time
        end = clock() + for_ms / 1000

        def substitute(request: WireRequest, at: Millis) -> WireReply:
            operation = self._half.read(request, at).operation
            return self._half.refusal(condition, operation, at, retry_after_ms=retry_after_ms)

        return self._arm(
            RequestFault(
                "storm",
                FOREVER,
                on=frozenset(Operation),
                shape=_substituted(substitute),
                final=True,
                where=lambda _: clock() < end,
            )
        )

    def _alter(
        self, name: str, on: Operation, shape: Callable[[Plan], None], aim: RequestAim
    ) -> Armed:
        """Arm a fault that bends what becomes of a request; several may strike one."""
        return self._arm(RequestFault(name, on=frozenset({on}), shape=shape, **aim))

    def _decide(
        self, name: str, on: Operation, shape: Callable[[Plan], None], aim: RequestAim
    ) -> Armed:
        """Arm a fault that decides the answer: only one such strikes a request."""
        fault = RequestFault(name, on=frozenset({on}), shape=shape, final=True, **aim)
        return self._arm(fault)

    def _arm(self, fault: RequestFault) -> Armed:
        self.planned.append(fault)
        self._door.faults.append(fault)
        return fault


def _substituted(
    substitute: Substitute, *, executed: bool = False, code: str = ""
) -> Callable[[Plan], None]:
    def shape(plan: Plan) -> None:
        plan.substitute, plan.executed, plan.code = substitute, executed, code

    return shape


def _corrupted(request: WireRequest) -> WireRequest:
    if request.body:
        return request._replace(body=_misread(request.body))
    return request._replace(query=_misread(request.query))


def _misread(text: bytes) -> bytes:
    """Return the bytes with their last letter or digit raised by one, or lowered after its last."""
    at = next((n for n in reversed(range(len(text))) if text[n : n + 1].isalnum()), None)
    if at is None:
        return text
    step = -1 if text[at : at + 1] in b"9Zz" else 1
    return text[:at] + bytes((text[at] + step,)) + text[at + 1 :]
