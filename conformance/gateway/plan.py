"""Armed faults, and what they make of one request or one pushed frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from conformance.model.ids import Millis
from conformance.model.wire import (
    Operation,
    Reading,
    StreamId,
    Topic,
    WireReply,
    WireRequest,
)

FOREVER = math.inf
PUSH_LEAD_MS = 10
"""How far pushes go ahead of the answer when they are to arrive first."""


class Fate(Enum):
    """What becomes of an answer."""

    SENT = "sent"
    CUT = "cut"
    STALLED = "stalled"


Substitute: TypeAlias = Callable[[WireRequest, Millis], WireReply]
"""Answers in place of the dialect."""


@dataclass(slots=True)
class Plan:
    """What happens to one request."""

    request_delay_ms: int = 0
    answer_delay_ms: int = 0
    executed: bool = True
    fate: Fate = Fate.SENT
    substitute: Substitute | None = None
    push_first: bool = False
    code: str = ""
    """Venue code of the substituted refusal, for the transcript."""


@dataclass(slots=True, eq=False)
class Armed:
    """A fault that waits for its moment (implements Planned)."""

    name: str
    times: float = 1
    skip: int = 0
    delivered: int = 0
    withdrawn: bool = False
    excused: bool = False
    """True when it need not strike: other faults carry the case's claim."""
    undo: Callable[[], object] | None = None

    @property
    def spent(self) -> bool:
        """True when it will not strike again."""
        return self.withdrawn or self.delivered >= self.times

    def strikes(self) -> bool:
        """Count a candidate; say whether the fault strikes it."""
        if self.spent:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.delivered += 1
        return True

    def withdraw(self) -> None:
        """Disarm it; what was delivered stays counted."""
        if not self.withdrawn:
            self.withdrawn = True
            if self.undo is not None:
                self.undo()

    def optional(self) -> Armed:
        """Excuse it from having to strike, and return it."""
        self.excused = True
        return self


@dataclass(slots=True, eq=False, kw_only=True)
class RequestFault(Armed):
    """Strikes requests of some operations; ``shape`` enters its effect into the plan."""

    on: frozenset[Operation]
    shape: Callable[[Plan], None]
    final: bool = False
    """True when it decides the answer: only one such fault strikes a request."""


@dataclass(slots=True, eq=False, kw_only=True)
class PushFault(Armed):
    """Strikes frames of a topic; ``act`` turns one frame into those to send now."""

    topic: Topic
    act: Callable[[StreamId, bytes], Sequence[bytes]]


@dataclass(slots=True, eq=False, kw_only=True)
class SwapFault(Armed):
    """Holds a frame back until the next one of its topic and stream has gone ahead."""

    topic: Topic
    held: dict[StreamId, bytes] = field(default_factory=dict)

    def act(self, stream: StreamId, text: bytes) -> Sequence[bytes]:
        """Hold ``text``, or send it with the held one behind."""
        before = self.held.pop(stream, None)
        if before is not None:
            self.delivered += 1
            return (text, before)
        self.held[stream] = text
        return ()

    def strikes(self) -> bool:
        """Count a candidate; a frame that is held counts when it has been overtaken."""
        if self.held:
            return True
        if self.spent:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True


def make(faults: Sequence[RequestFault], reading: Reading) -> Plan | None:
    """Return what the armed faults make of a request, or None when none strikes it."""
    plan: Plan | None = None
    decided = False
    for fault in faults:
        if reading.operation not in fault.on or (fault.final and decided) or not fault.strikes():
            continue
        plan = plan or Plan()
        fault.shape(plan)
        decided = decided or fault.final
    return plan
