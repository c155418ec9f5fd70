"""The account's own stream: opened, kept alive and renewed, its events handed on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from conformance.client.courier import Courier
from conformance.client.keyring import Keyring
from conformance.client.settings import Settings
from conformance.client.stream import Planner, Stream
from conformance.client.tasks import Tasks
from conformance.contracts.client import (
    ClientHalf,
    Confirmed,
    Denied,
    StreamEvent,
    StreamKeyGone,
    StreamKeys,
    StreamPlan,
)
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, Rejected


class Session:
    """Runs the user stream. After every turn of it ``on_gap`` is called: events may be lost."""

    def __init__(
        self,
        half: ClientHalf,
        courier: Courier,
        keyring: Keyring,
        stream: Callable[[Planner], Stream],
        settings: Settings,
        tasks: Tasks,
        alert: Callable[[str], None],
    ) -> None:
        self._half = half
        self._courier = courier
        self._keyring = keyring
        self._settings = settings
        self._tasks = tasks
        self._alert = alert
        self._key = ""
        self._steps: deque[str] = deque()
        """Messages of the opening that wait for the one before to be confirmed."""
        self._denied = False
        """True when the venue refused the latest opening."""
        self._opened = asyncio.Event()
        self.stream = stream(self._plan)
        self.stream.on_frame = self._frame
        self.stream.on_up = self._up
        self.stream.on_down = self._down
        self.on_event: Callable[[StreamEvent], None] = _ignore
        self.on_gap: Callable[[str], None] = _ignore
        self.halted = False

    @property
    def up(self) -> bool:
        """True while the account's events are told."""
        return self.stream.up and self._opened.is_set()

    async def open(self) -> bool:
        """Start the stream and wait until it is up; False when it takes too long."""
        self._tasks.start(self.stream.run())
        if self._half.stream_keys is not None:
            self._tasks.start(self._keep(self._half.stream_keys))
        return await self._open_in_time()

    async def _open_in_time(self) -> bool:
        try:
            async with asyncio.timeout(self._settings.answer_ms_max / 1000):
                await self._opened.wait()
        except TimeoutError:
            return False
        return True

    async def _plan(self) -> StreamPlan | None:
        if self.halted:
            return None
        if self._denied:
            # A login is refused when its time is wrong, or its key: ask about both.
            self._denied = False
            await self._courier.sync()
            self.on_gap("the user stream was refused")
        if self._half.stream_keys is not None:
            outcome = await self._courier.send(self._half.stream_keys.create())
            if not isinstance(outcome, Accepted):
                return None
            self._key = outcome.value
        return self._planned()

    def _planned(self) -> StreamPlan:
        plan = self._keyring.user_stream(self._key, self._courier.clock.now_ms())
        if not plan.confirmed:
            return plan
        first, *rest = plan.opening
        self._steps = deque((*rest, ""))
        return replace(plan, opening=(first,))

    def _up(self) -> None:
        if self._steps:
            self._tasks.start(self._insist())
        else:
            self._ready()

    async def _insist(self) -> None:
        """Begin anew when the opening is not confirmed in time."""
        if not await self._open_in_time() and self.stream.up:
            self._alert("the opening of the user stream went unanswered")
            self.stream.replace()

    def _ready(self) -> None:
        self._opened.set()
        self.on_gap("the user stream was opened")

    def _down(self) -> None:
        self._steps.clear()
        self._opened.clear()

    def _frame(self, frame: bytes) -> bool:
        try:
            events = self._half.events(frame)
        except ValueError:
            self._alert("the user stream brought an unreadable frame")
            self.on_gap("an unreadable frame")
            return True
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: StreamEvent) -> None:
        if isinstance(event, StreamKeyGone):
            self._renew()
        elif isinstance(event, Denied):
            self._alert(f"the user stream was refused: {event.text}")
            self._denied = True
            self.stream.replace()
        elif isinstance(event, Confirmed):
            self._advance()
        else:
            self.on_event(event)

    def _advance(self) -> None:
        if not self._steps:
            return
        step = self._steps.popleft()
        if step:
            self._tasks.start(self.stream.send([step]))
        else:
            self._ready()

    def _renew(self) -> None:
        self._alert("the user stream's key has ended")
        self.stream.replace()

    async def _keep(self, keys: StreamKeys) -> None:
        """Extend the key in time; a key that is gone is replaced with its stream."""
        pause_s = keys.extend_ms / 1000
        while not self.halted:
            await asyncio.sleep(pause_s)
            pause_s = keys.extend_ms / 1000
            if not self.stream.up:
                continue
            outcome = await self._courier.send(keys.extend(self._key))
            if isinstance(outcome, Accepted):
                continue
            if isinstance(outcome, Rejected) and outcome.category is Category.STREAM_KEY:
                self._renew()
            else:
                pause_s = self._settings.pause_ms_max / 1000


def _ignore(event: object) -> None:
    """Do nothing: nobody listens yet."""
