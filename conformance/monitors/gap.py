"""A gap is closed by a snapshot."""

from __future__ import annotations

from functools import partial

from conformance.cases import Rule, monitor
from conformance.contracts.monitor import Scene
from conformance.model.ids import Millis, Symbol
from conformance.model.study import Carried, Study, Told
from conformance.model.wire import Frame, Operation, RoundTrip, StreamId, Topic

SNAPSHOT_MS_MAX = 20_000
"""How soon after a gap a snapshot is to be asked for."""


@monitor("MON-36", source="MKT-05, I10, I11")
class GapsAreClosedBySnapshots(Rule):
    """When changes of a book are missing, a snapshot is asked for."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._last: dict[tuple[StreamId, Symbol], int] = {}
        self._asked_ms: dict[Symbol, Millis] = {}
        self._known: dict[Symbol, int] = {}

    def pushed(self, frame: Frame, carried: Carried) -> None:
        """Compare the numbers of two changes that follow each other."""
        if not carried.last or frame.topic is not Topic.BOOK:
            return
        key = (frame.stream, carried.symbol)
        last = self._last.get(key, carried.previous)
        if carried.previous > last:
            look = partial(self._look, key, carried.previous, self.scene.now_ms)
            self.scene.at(self.scene.now_ms + SNAPSHOT_MS_MAX, look)
        self._last[key] = max(last, carried.last)

    def request(self, trip: RoundTrip, study: Study) -> None:  # noqa: ARG002 - the reading has it
        """Take note of a question for a snapshot."""
        if trip.reading.operation is Operation.BOOK:
            self._asked_ms[trip.reading.symbol] = self.scene.now_ms

    def answer(self, trip: RoundTrip, study: Study, told: Told) -> None:  # noqa: ARG002
        """Take note of how far a snapshot goes; one that comes after the gap may close it."""
        symbol = trip.reading.symbol
        if told.sequence > self._known.get(symbol, 0):
            self._known[symbol] = told.sequence

    def _look(self, key: tuple[StreamId, Symbol], missing: int, since_ms: Millis) -> None:
        stream, symbol = key
        scene = self.scene
        subscribed = (Topic.BOOK, symbol) in scene.interests(stream)
        if not subscribed or not scene.testees or scene.half_open(stream):
            return
        asked = self._asked_ms.get(symbol, since_ms - 1) >= since_ms
        self.judge(
            asked or self._known.get(symbol, 0) >= missing,
            f"a snapshot of {symbol} within {SNAPSHOT_MS_MAX} ms",
            f"none, though what precedes {missing} is missing",
        )
