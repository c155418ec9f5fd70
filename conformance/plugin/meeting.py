"""Draw the map of one case: which events and faults met orders in which states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from conformance.evidence.coverage import MEANWHILE, NONE, PUSH
from conformance.gateway.plan import Armed, RequestFault
from conformance.model.ids import Symbol
from conformance.model.orders import Status
from conformance.model.records import OrderRecord
from conformance.model.study import Carried, Study
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, Topic
from conformance.sim import SimWorld
from conformance.sim.market import TESTEE

_PLACING = (Operation.PLACE, Operation.PLACE_BATCH)
_CHANGING = (Operation.CANCEL, Operation.CANCEL_BATCH, Operation.AMEND)
_ABOUT_ORDERS = (*_PLACING, *_CHANGING, Operation.QUERY_ORDER)


class Reader(Protocol):
    """What has read the wire already."""

    def study(self, trip: RoundTrip) -> Study:
        """Return what was found in a request that is not answered yet."""

    def carried(self, frame: Frame) -> Carried:
        """Return what the last frame was about."""


class Meetings:
    """Called with every record of the wire of a simulated world."""

    def __init__(self, world: SimWorld, reader: Reader) -> None:
        self._core = world.shell.core
        self._faults: Sequence[Armed] = world.faults.planned
        self._reader = reader
        self._struck: list[int] = []
        self._known: dict[tuple[Symbol, str], None] = {}
        self._cells: Counter[tuple[str, str, str]] = Counter()

    @property
    def cells(self) -> list[tuple[str, str, str, int]]:
        """The map as rows of state, event, fault and times."""
        return [(*cell, times) for cell, times in sorted(self._cells.items())]

    def __call__(self, record: RoundTrip | Frame | Stream) -> None:
        """See what met whom."""
        struck = list(self._new_strikes()) if self._faults else []
        if isinstance(record, RoundTrip):
            asked = record.reply is None and record.reading.operation in _ABOUT_ORDERS
            if asked:
                on_request = [fault for fault in struck if isinstance(fault, RequestFault)]
                struck = [fault for fault in struck if fault not in on_request]
                self._request(record, [fault.name for fault in on_request])
        elif isinstance(record, Frame) and record.topic is Topic.ORDERS and not record.inbound:
            carried = self._reader.carried(record)
            self._meet(self._state(carried.symbol, carried.client_id), PUSH, "")
        for fault in struck:
            for state in {self._state(*name) for name in self._known} or {NONE}:
                self._meet(state, MEANWHILE, fault.name)

    def _new_strikes(self) -> Iterator[Armed]:
        """Yield the faults that have struck since the record before."""
        while len(self._struck) < len(self._faults):
            self._struck.append(0)
        for number, fault in enumerate(self._faults):
            if fault.delivered != self._struck[number]:
                self._struck[number] = fault.delivered
                yield fault

    def _request(self, trip: RoundTrip, faults: Sequence[str]) -> None:
        operation, symbol = trip.reading.operation, trip.reading.symbol
        study = self._reader.study(trip)
        names = [(order.symbol, order.client_id) for order in study.orders if order.client_id]
        if operation not in _PLACING:
            names = [(symbol, target) for target in study.targets]
        for name in names:
            state = self._before(trip, *name, struck=bool(faults))
            for fault in faults or ("",):
                self._meet(state, operation, fault)
            if operation in _PLACING:
                self._known[name] = None

    def _before(self, trip: RoundTrip, symbol: Symbol, name: str, *, struck: bool) -> str:
        """Return the state before the request: without a fault it was executed already."""
        if not struck:
            operation = trip.reading.operation
            if operation in _PLACING and (symbol, name) not in self._known:
                return NONE
            if operation in _CHANGING and not trip.reading.code:
                record = self._record(symbol, name)
                filled = record is not None and record.filled
                return Status.PARTIALLY_FILLED if filled else Status.OPEN
        return self._state(symbol, name)

    def _state(self, symbol: Symbol, name: str) -> str:
        record = self._record(symbol, name)
        return NONE if record is None else record.status.value

    def _record(self, symbol: Symbol, name: str) -> OrderRecord | None:
        if symbol not in self._core.listings:
            # A spoilt frame, or a request for what is not listed, is about no order.
            return None
        found = self._core.order(TESTEE, symbol, client_id=name)
        if found is None and name.isdigit():
            found = self._core.order(TESTEE, symbol, order_id=int(name))
        return found

    def _meet(self, state: str, event: str, fault: str) -> None:
        self._cells[state, event, fault] += 1
