"""A gap is closed by a snapshot."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Symbol
from conformance.model.study import Carried, Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, StreamId, Topic
from conformance.monitors.pace import Pace

SNAPSHOT_MS_MAX = 8_000
"""How soon after a gap a snapshot is to be asked for."""
PATIENCE_MS = 30_000
"""The same for one who has asked several times of late, and does well to ask less often."""
OFTEN = 3


class _Gap(NamedTuple):
    stream: StreamId
    symbol: Symbol
    missing: int
    """The last change that is missing."""


@monitor("MON-36", source="MKT-05, I10, I11")
class GapsAreClosedBySnapshots(Rule):
    """When changes of a book are missing, a snapshot is asked for, or comes by itself."""

    requests_of = answers_of = frozenset({Operation.BOOK})

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._last: dict[tuple[StreamId, Symbol], int] = {}
        self._known: dict[Symbol, int] = {}
        self._paces: dict[Symbol, Pace] = {}
        self._lately: dict[Symbol, int] = {}
        self._gaps: set[_Gap] = set()

    def pushed(self, frame: Frame, carried: Carried) -> None:
        """Compare a change with the one before it, or with the snapshot it follows."""
        if not carried.last or frame.topic is not Topic.BOOK:
            return
        symbol = carried.symbol
        if carried.whole:
            self._last[frame.stream, symbol] = carried.last
            self._begun(symbol)
            return
        first = self._known.get(symbol, carried.previous)
        last = self._last.get((frame.stream, symbol), first)
        if carried.previous > max(last, self._known.get(symbol, 0)):
            gap = _Gap(frame.stream, symbol, carried.previous)
            self._gaps.add(gap)
            often = self._lately.get(symbol, 0) >= OFTEN
            due = self.scene.now_ms + (PATIENCE_MS if often else SNAPSHOT_MS_MAX)
            self.scene.at(due, partial(self._look, gap))
        self._last[frame.stream, symbol] = max(last, carried.last)

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Take a question for a snapshot as the end of all gaps before it."""
        self._begun(trip.reading.symbol)

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of how far a snapshot goes: one that was under way may close a gap."""
        symbol = trip.reading.symbol
        if told.sequence > self._known.get(symbol, 0):
            self._known[symbol] = told.sequence
            reached = {g for g in self._gaps if g.symbol == symbol and g.missing <= told.sequence}
            self._close(reached)

    def _begun(self, symbol: Symbol) -> None:
        """Take note that a book begins anew."""
        self._lately[symbol] = self._paces.setdefault(symbol, Pace()).add(self.scene.now_ms)
        self._close({gap for gap in self._gaps if gap.symbol == symbol})

    def _close(self, gaps: set[_Gap]) -> None:
        for _ in gaps:
            self.judge(holds=True, expected="")
        self._gaps -= gaps

    def _look(self, gap: _Gap) -> None:
        scene = self.scene
        subscribed = (Topic.BOOK, gap.symbol) in scene.interests(gap.stream)
        if gap not in self._gaps:
            return
        self._gaps.remove(gap)
        if subscribed and scene.testees and not scene.half_open(gap.stream):
            self.judge(
                holds=False,
                expected=f"a snapshot of {gap.symbol} in time",
                observed=f"none, though what leads to {gap.missing} is missing",
            )
