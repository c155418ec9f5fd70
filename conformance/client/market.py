"""Local books by stream: a connection for each route, a resequencer a symbol, bounded resyncs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from conformance.client.courier import Courier
from conformance.client.resequencer import Resequencer
from conformance.client.settings import Settings
from conformance.client.stream import Planner, Stream
from conformance.client.tasks import Tasks
from conformance.contracts.client import (
    BookDelta,
    BookReset,
    ClientHalf,
    Confirmed,
    Denied,
    Link,
    StreamEvent,
    StreamPlan,
)
from conformance.model.ids import Symbol
from conformance.model.orders import Book
from conformance.model.outcomes import Accepted


@dataclass(slots=True)
class _Watch:
    book: Resequencer
    path: str
    """The route by which the venue tells of it."""
    stream: Stream
    heard_s: float
    syncing: bool = False
    resyncs: int = 0
    synced_s: float = 0.0
    calm_ms: int = 0
    """How long the stream may be silent before it is checked by query."""
    reset: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the stream has sent the whole book."""


class Market:
    """Keeps the books that were asked for; a book is invalid while it may be wrong."""

    book_type: ClassVar[type[Resequencer]] = Resequencer

    def __init__(
        self,
        half: ClientHalf,
        courier: Courier,
        stream: Callable[[Planner], Stream],
        settings: Settings,
        tasks: Tasks,
        alert: Callable[[str], None],
    ) -> None:
        self._half = half
        self._courier = courier
        self._settings = settings
        self._tasks = tasks
        self._alert = alert
        self._open = stream
        self._watches: dict[Symbol, _Watch] = {}
        self._streams: dict[str, Stream] = {}

    @property
    def trusted(self) -> bool:
        """True while all books are valid."""
        return all(watch.book.valid for watch in self._watches.values())

    async def watch(self, symbol: Symbol) -> None:
        """Keep the book of ``symbol`` from now on."""
        if symbol in self._watches:
            return
        book = self.book_type(
            symbol,
            self._link,
            buffer_max=self._settings.book_buffer_max,
            levels_max=self._settings.book_levels_max,
        )
        plan = self._half.book_stream([symbol])
        stream = self._streams.get(plan.path)
        new = stream is None
        if stream is None:
            stream = self._streams[plan.path] = self._route(plan.path)
        self._watches[symbol] = _Watch(book, plan.path, stream, time.monotonic())
        if new:
            self._tasks.start(stream.run())
        if len(self._watches) == 1:
            self._tasks.start(self._guard())
        if not new:
            await stream.send(plan.opening)

    def _route(self, path: str) -> Stream:
        """Return a new stream, not yet running."""
        stream = self._open(partial(self._plan, path))
        stream.on_frame = partial(self._frame, path)
        stream.on_down = partial(self._down, path)
        return stream

    def _routed(self, path: str) -> dict[Symbol, _Watch]:
        """Return what is told of by one route."""
        return {symbol: watch for symbol, watch in self._watches.items() if watch.path == path}

    def book(self, symbol: Symbol) -> Book:
        """Return the local book, invalid and empty when it is not watched."""
        watch = self._watches.get(symbol)
        if watch is None:
            return Book(symbol=symbol)
        if watch.book.crossed:
            self._gap(symbol, watch, "shows a crossed book")
        return watch.book.book()

    def _link(self, delta: BookDelta, sequence: int, fresh: bool) -> Link:  # noqa: FBT001 - rule
        return self._half.link(delta, sequence, fresh=fresh)

    async def _plan(self, path: str) -> StreamPlan:
        return self._half.book_stream(sorted(self._routed(path)))

    def _down(self, path: str) -> None:
        for watch in self._routed(path).values():
            watch.book.doubt()

    def _frame(self, path: str, frame: bytes) -> bool:
        try:
            events = self._half.events(frame)
        except ValueError:
            # Which book it was about cannot be known: none is trusted before it is read again.
            for symbol, watch in self._routed(path).items():
                self._gap(symbol, watch, "lost an unreadable frame")
            return True
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: StreamEvent) -> None:
        if isinstance(event, BookDelta):
            self._delta(event)
        elif isinstance(event, BookReset):
            self._reset(event)
        elif isinstance(event, Denied):
            self._alert(f"the book stream was refused: {event.text}")
        elif isinstance(event, Confirmed):
            # A book that comes in band is under way already.
            self._resync_all(asking=True)

    def _reset(self, reset: BookReset) -> None:
        watch = self._watches.get(reset.symbol)
        if watch is not None:
            watch.heard_s = time.monotonic()
            watch.calm_ms = self._settings.calm_ms
            watch.book.reset(reset.snapshot)
            watch.reset.set()

    def _delta(self, delta: BookDelta) -> None:
        watch = self._watches.get(delta.symbol)
        if watch is None:
            return
        watch.heard_s = time.monotonic()
        if not watch.book.feed(delta):
            self._gap(delta.symbol, watch, "has a gap")

    def _gap(self, symbol: Symbol, watch: _Watch, what: str) -> None:
        if watch.book.valid or not watch.syncing:
            self._alert(f"the book of {symbol} {what}")
        watch.book.doubt()
        self._resync(symbol, watch)

    def _resync_all(self, *, asking: bool = False) -> None:
        """Renew what is not valid; ``asking``: only books that are asked for by query."""
        for symbol, watch in self._watches.items():
            if not watch.book.valid and not (asking and self._half.book_again(symbol)):
                self._resync(symbol, watch)

    def _resync(self, symbol: Symbol, watch: _Watch) -> None:
        if not watch.syncing and watch.stream.up:
            watch.syncing = True
            self._tasks.start(self._load(symbol, watch))

    async def _load(self, symbol: Symbol, watch: _Watch) -> None:
        """Get snapshots until one can be trusted; each further one waits longer."""
        settings = self._settings
        watch.calm_ms = settings.calm_ms
        try:
            while watch.stream.up and not watch.book.valid:
                if time.monotonic() - watch.synced_s > settings.resync_ms_max * 6 / 1000:
                    watch.resyncs = 0
                if watch.resyncs:
                    pause_ms = settings.resync_ms << min(watch.resyncs - 1, 10)
                    await asyncio.sleep(min(pause_ms, settings.resync_ms_max) / 1000)
                watch.resyncs += 1
                if messages := self._half.book_again(symbol):
                    await self._wait(watch, messages)
                else:
                    await self._fetch(symbol, watch)
                watch.synced_s = time.monotonic()
        finally:
            watch.syncing = False

    async def _wait(self, watch: _Watch, messages: Sequence[str]) -> None:
        """Let the stream itself send the book again."""
        watch.reset.clear()
        await watch.stream.send(messages)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.answer_ms_max / 1000):
                await watch.reset.wait()

    async def _fetch(self, symbol: Symbol, watch: _Watch) -> None:
        outcome = await self._courier.send(self._half.snapshot(symbol))
        if isinstance(outcome, Accepted) and watch.stream.up:
            watch.book.load(outcome.value)
            await self._confirm(symbol, watch.book)

    async def _confirm(self, symbol: Symbol, book: Resequencer) -> None:
        """Look a second time at a book that no delta has joined yet."""
        if not book.unproven():
            return
        await asyncio.sleep(self._settings.settle_ms / 2000)
        if not book.unproven():
            return
        outcome = await self._courier.send(self._half.glimpse(symbol))
        if not book.unproven():
            return
        if isinstance(outcome, Accepted) and book.shows(outcome.value):
            book.confirm()
        else:
            book.doubt()

    async def _guard(self) -> None:
        """Ask the venue about books that hear nothing: silence may be calm, or a dead stream."""
        while True:
            await asyncio.sleep(self._settings.calm_ms / 1000)
            self._resync_all()
            now = time.monotonic()
            for symbol, watch in list(self._watches.items()):
                if (
                    watch.stream.up
                    and watch.book.valid
                    and now - watch.heard_s > watch.calm_ms / 1000
                ):
                    watch.heard_s = now
                    watch.calm_ms = min(watch.calm_ms * 2, self._settings.book_age_ms)
                    await self._compare(symbol, watch)

    async def _compare(self, symbol: Symbol, watch: _Watch) -> None:
        book = watch.book
        outcome = await self._courier.send(self._half.glimpse(symbol))
        if not isinstance(outcome, Accepted):
            return
        # The venue's ids also count what changes no level: the levels themselves must differ.
        await asyncio.sleep(self._settings.settle_ms / 1000)
        if book.valid and book.sequence < outcome.value.sequence and not book.shows(outcome.value):
            self._alert(f"the book stream is mute: {symbol} has moved on without it")
            book.doubt()
            watch.stream.replace()
