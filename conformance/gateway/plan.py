"""Armed faults, and what they make of one request or one pushed frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from conformance.contracts.faults import Pushed, Requested
from conformance.gateway.pace import Pace
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
Rewrite: TypeAlias = Callable[[WireReply], WireReply]
"""Makes another answer of one."""
Corruption: TypeAlias = Callable[[WireRequest], WireRequest]
"""Makes of a request what arrives of it."""


class Shaped(NamedTuple):
    """A message that leaves as other bytes than those of one plain frame."""

    text: bytes
    wire: bytes
    opcode: str = "text"
    torn: bool = False
    """True when the stream ends behind it, amid a frame."""


Act: TypeAlias = Callable[[StreamId, bytes], Sequence[bytes | Shaped]]
"""Turns one frame into those to send now."""


@dataclass(slots=True)
class Plan:
    """What happens to one request."""

    request_delay_ms: int = 0
    answer_delay_ms: int = 0
    executed: bool = True
    fate: Fate = Fate.SENT
    corrupt: Corruption | None = None
    substitute: Substitute | None = None
    rewrite: Rewrite | None = None
    pace: Pace | None = None
    """How the answer's bytes leave, None for all at once."""
    missing: int = 0
    """So many bytes of the answer never leave; the connection is closed in their place."""
    reset: bool = False
    """A cut connection is reset."""
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
    lost_ms: int = 0
    """Time it took away from the testee, in which that had no turn."""

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
class Declining(Armed):
    """Answers handshakes with a status in the place of a stream."""

    status: int


@dataclass(slots=True, eq=False, kw_only=True)
class RequestFault(Armed):
    """Strikes requests of some operations; ``shape`` enters its effect into the plan."""

    on: frozenset[Operation]
    shape: Callable[[Plan], None]
    final: bool = False
    """True when it decides the answer: only one such fault strikes a request."""
    where: Requested | None = None

    def fits(self, reading: Reading) -> bool:
        """Say whether a request is a candidate."""
        return reading.operation in self.on and (self.where is None or self.where(reading))


@dataclass(slots=True, eq=False, kw_only=True)
class PushFault(Armed):
    """Strikes frames of a topic."""

    topic: Topic
    act: Act
    where: Pushed | None = None

    def fits(self, topic: Topic, text: bytes) -> bool:
        """Say whether a frame is a candidate."""
        return topic is self.topic and (self.where is None or self.where(text))


@dataclass(slots=True, eq=False, kw_only=True)
class Gathering(PushFault):
    """Holds the frames of a stream back until there are ``count``, then lets ``act`` see them.

    A gathering that was begun is ended, however often the fault has struck meanwhile.
    """

    act: Act = field(init=False)
    count: int
    release: Callable[[Sequence[bytes]], Sequence[bytes | Shaped]]
    held: dict[StreamId, list[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.act = self._gather

    def strikes(self) -> bool:
        """Count a candidate; the fault has struck when a gathering is complete."""
        if self.held:
            return True
        if self.spent:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True

    def _gather(self, stream: StreamId, text: bytes) -> Sequence[bytes | Shaped]:
        held = self.held.setdefault(stream, [])
        held.append(text)
        if len(held) < self.count:
            return ()
        del self.held[stream]
        self.delivered += 1
        return self.release(held)


def make(faults: Sequence[RequestFault], reading: Reading) -> Plan | None:
    """Return what the armed faults make of a request, or None when none strikes it."""
    plan: Plan | None = None
    decided = False
    for fault in faults:
        if (fault.final and decided) or not fault.fits(reading) or not fault.strikes():
            continue
        plan = plan or Plan()
        fault.shape(plan)
        decided = decided or fault.final
    return plan
