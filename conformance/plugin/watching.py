"""Let the monitors watch one case: give them the wire, the scene, and the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from heapq import heappop, heappush
from typing import Any, NamedTuple, TypeAlias, cast

from conformance.cases import Monitor, Rule
from conformance.contracts.adapter import Adapter
from conformance.contracts.dialect import Venue
from conformance.contracts.monitor import Interpreter
from conformance.gateway.ground import Ground
from conformance.model.ids import Millis, Symbol
from conformance.model.instruments import Listing
from conformance.model.study import Carried, Interest, Study
from conformance.model.wire import Frame, Operation, RoundTrip, Stream, StreamId, Topic

_TOPICS = (Topic.BOOK, Topic.ORDERS)
"""What pushed frames are looked into."""
_BARRING = ("close_port", "spoil_certificate")
"""Faults that keep connections out for as long as they are in force."""
_HINDERING = ("decline_streams", "hang_connections", "lose_name")
"""Faults that keep so many connections out."""
HOOKS = (
    "request",
    "order",
    "answer",
    "refused",
    "opened",
    "closed",
    "sent",
    "pushed",
    "stopped",
    "killed",
)
"""What a rule may have."""
Hook: TypeAlias = Callable[..., None]


@cache
def _hooks(rule: type[Rule]) -> tuple[str, ...]:
    """Return the hooks that a rule really has."""
    return tuple([hook for hook in HOOKS if getattr(rule, hook) is not getattr(Rule, hook)])


@cache
def _seeing(rules: tuple[type[Rule], ...], hook: str, operation: Operation) -> tuple[int, ...]:
    """Return the positions of those rules that see requests or answers of an operation."""
    return tuple(
        [
            position
            for position, rule in enumerate(rules)
            if hook in _hooks(rule)  # type: ignore[arg-type]
            and operation in (getattr(rule, f"{hook}s_of") or (operation,))
        ]
    )


class Breach(NamedTuple):
    """A rule that was broken, as it was first seen."""

    rule: str
    title: str
    expected: str
    observed: str


class Watch:
    """Hands every record of one case's wire to the rules; is their scene."""

    def __init__(
        self,
        world: Ground,
        venue: Venue,
        reader: Interpreter,
        monitors: Iterable[Monitor],
        on_breach: Callable[[Breach], None],
    ) -> None:
        self.customs = reader.customs
        self.credentials = world.credentials
        self.endpoints = world.endpoints
        self.limits = world.limits
        self.listings: Mapping[Symbol, Listing] = {
            listing.symbol: listing for listing in venue.listings
        }
        self.now_ms: Millis = 0
        self.woken_ms: Millis = 0
        self.offset_ms = 0
        self.testees = 0
        self._world = world
        self._clock = world.clock
        self._reader = reader
        self._on_breach = on_breach
        self._titles = {monitor.id: monitor.title for monitor in monitors}
        self._rules = [monitor.rule(self) for monitor in monitors]
        self._kinds = tuple([type(rule) for rule in self._rules])
        self._hooks: dict[str, list[Hook]] = {hook: [] for hook in HOOKS}
        for rule in self._rules:
            for hook in _hooks(type(rule)):  # type: ignore[arg-type]
                self._hooks[hook].append(getattr(rule, hook))
        self._orders, self._refused = self._hooks["order"], self._hooks["refused"]
        self._opened, self._closed = self._hooks["opened"], self._hooks["closed"]
        self._sent, self._pushed = self._hooks["sent"], self._hooks["pushed"]
        self._requests: dict[Operation, list[Hook]] = {}
        self._answers: dict[Operation, list[Hook]] = {}
        """What sees the requests and answers of an operation; made when it first occurs."""
        self._studies: dict[int, Study] = {}
        self._carried = Carried()
        self._open: dict[StreamId, Stream] = {}
        self._interests: dict[StreamId, set[Interest]] = {}
        self._dues: list[tuple[Millis, int, Callable[[], None]]] = []
        self._asked = 0
        self._over = False
        self._loop = asyncio.get_running_loop()
        self._planned = 0
        """How many faults were looked at for the time they took."""
        self._lost_ms = 0
        self.breaches: dict[str, int] = {}
        """How often each rule was broken."""

    @property
    def tested(self) -> Mapping[str, int]:
        """How often each rule was put to the test."""
        return {rule.id: rule.tested for rule in self._rules}

    @property
    def key_in_force(self) -> bool:
        """Say whether the world has left the testee its key."""
        planned = self._world.faults.planned
        return not planned or not any(
            fault.name == "revoke_key" and not fault.withdrawn for fault in planned
        )

    @property
    def refusing(self) -> bool:
        """Say whether the world lets no sane client in: refused, or shown a flawed certificate."""
        return any(not fault.spent for fault in self._world.door.refusals) or any(
            (fault.name in _BARRING and not fault.withdrawn)
            or (fault.name in _HINDERING and not fault.spent)
            for fault in self._world.faults.planned
        )

    def half_open(self, stream: StreamId) -> bool:
        """Say whether the world lets a stream hang."""
        channel = self._world.streams.channels.get(stream)
        return channel is not None and channel.silent

    def carries_calls(self, stream: StreamId) -> bool:
        """Say whether a stream is one by which calls are made."""
        record = self._open.get(stream)
        return record is not None and record.path in self.customs.call_paths

    def interests(self, stream: StreamId) -> Collection[Interest]:
        """Return what an open stream is subscribed to."""
        return self._interests.get(stream, ())

    def streams(self) -> Collection[Stream]:
        """Return the open streams, oldest first."""
        return self._open.values()

    def at(self, instant_ms: Millis, look: Callable[[], None]) -> None:
        """Call ``look`` once the instant has come, if the case lasts that long."""
        self._asked += 1
        heappush(self._dues, (instant_ms - self._lost_ms, self._asked, look))

    def broken(self, rule: str, expected: str, observed: str) -> None:
        """Take note of a breach; the first one of a rule is told."""
        times = self.breaches[rule] = self.breaches.get(rule, 0) + 1
        if times == 1:
            self._on_breach(Breach(rule, self._titles[rule], expected, observed))

    def __call__(self, record: RoundTrip | Frame | Stream) -> None:
        """Take a record of the wire, as its transcript makes it."""
        if self._over:
            return
        self._advance()
        if isinstance(record, RoundTrip):
            self._trip(record)
        elif isinstance(record, Frame):
            self._frame(record)
        else:
            self._stream(record)

    def study(self, trip: RoundTrip) -> Study:
        """Return what was found in a request that is not answered yet."""
        return self._studies[trip.number]

    def carried(self, frame: Frame) -> Carried:
        """Return what the last frame, an order event, was about."""
        return self._reader.carried(frame) if self._over else self._carried

    def make(self, adapter: Adapter) -> Adapter:
        """Take note of a new adapter; return it in a form that says when it stops."""
        self.testees += 1
        return cast("Adapter", Attended(adapter, self))

    def killed(self) -> None:
        """Take note that all adapters were killed."""
        self._look()
        self.testees = 0
        for hook in self._hooks["killed"]:
            hook()

    def stopped(self) -> None:
        """Take note that an adapter has stopped."""
        self._look()
        self.testees = max(0, self.testees - 1)
        if not self.testees:
            for hook in self._hooks["stopped"]:
                hook()

    def finish(self) -> None:
        """Judge what is due; nothing is watched any more."""
        self._look()
        self._over = True

    def _look(self) -> None:
        if not self._over:
            self._advance()

    def _advance(self) -> None:
        """Learn what has changed in the world, and do what is due."""
        self.offset_ms = self._clock.offset_ms
        self.now_ms = int(self._loop.time() * 1000)
        if len(self._world.faults.planned) != self._planned:
            self._count_lost()
        dues = self._dues
        while dues and dues[0][0] <= self.now_ms - self._lost_ms:
            heappop(dues)[2]()

    def _count_lost(self) -> None:
        planned = self._world.faults.planned
        self._planned = len(planned)
        lost_ms = sum(fault.lost_ms for fault in planned)
        if lost_ms != self._lost_ms:
            self._lost_ms = lost_ms
            self.woken_ms = self.now_ms

    def _trip(self, trip: RoundTrip) -> None:
        operation = trip.reading.operation
        if trip.reply is not None:
            self._answer(trip, operation)
            return
        study = self._studies[trip.number] = self._reader.study(trip.request)
        hooks = self._requests.get(operation)
        if hooks is None:
            hooks = self._requests[operation] = self._seeing("request", operation)
        for hook in hooks:
            hook(trip, study)
        for order in study.orders:
            for hook in self._orders:
                hook(order, trip, study)

    def _answer(self, trip: RoundTrip, operation: Operation) -> None:
        study = self._studies.pop(trip.number)
        told = self._reader.told(trip)
        hooks = self._answers.get(operation)
        if hooks is None:
            hooks = self._answers[operation] = self._seeing("answer", operation)
        for hook in hooks:
            hook(trip, study, told)
        if told.category is not None:
            for hook in self._refused:
                hook(trip, study, told)

    def _seeing(self, hook: str, operation: Operation) -> list[Hook]:
        rules = self._rules
        return [getattr(rules[n], hook) for n in _seeing(self._kinds, hook, operation)]

    def _frame(self, frame: Frame) -> None:
        if frame.inbound:
            if frame.opcode == "text":
                self._wish(frame)
            for hook in self._sent:
                hook(frame)
        elif frame.topic in _TOPICS or frame.topic is None:
            self._carried = carried = self._reader.carried(frame)
            for hook in self._pushed:
                hook(frame, carried)

    def _wish(self, frame: Frame) -> None:
        wanted, unwanted = self._reader.wishes(frame.payload)
        interests = self._interests.get(frame.stream)
        if interests is not None:
            interests.update(wanted)
            interests.difference_update(unwanted)

    def _stream(self, stream: Stream) -> None:
        if stream.closed_ms is None:
            self._open[stream.stream] = stream
            self._interests[stream.stream] = set(self._reader.interests(stream))
            for hook in self._opened:
                hook(stream)
            return
        for hook in self._closed:
            hook(stream)
        self._open.pop(stream.stream, None)
        self._interests.pop(stream.stream, None)


class Attended:
    """An adapter that says when it has stopped; in all else itself."""

    def __init__(self, adapter: Adapter, watch: Watch) -> None:
        self._adapter = adapter
        self._watch = watch
        self._stopped = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the adapter has
        return getattr(self._adapter, name)

    def __repr__(self) -> str:
        return repr(self._adapter)

    def __str__(self) -> str:
        return str(self._adapter)

    async def stop(self) -> None:
        """Stop the adapter."""
        try:
            await self._adapter.stop()
        finally:
            if not self._stopped:
                self._stopped = True
                self._watch.stopped()
