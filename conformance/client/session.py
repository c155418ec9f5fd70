"""The account's own stream: its key created, kept alive and renewed, its events handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conformance.client.courier import Courier
from conformance.client.settings import Settings
from conformance.client.stream import Planner, Stream
from conformance.client.tasks import Tasks
from conformance.contracts.client import ClientHalf, StreamEvent, StreamKeyGone, StreamPlan
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, Rejected


class Session:
    """Runs the user stream. After every turn of it ``on_gap`` is called: events may be lost."""

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
        self._key = ""
        self._opened = asyncio.Event()
        self.stream = stream(self._plan)
        self.stream.on_frame = self._frame
        self.stream.on_up = self._up
        self.stream.on_down = self._down
        self.on_event: Callable[[StreamEvent], None] = _ignore
        self.on_gap: Callable[[str], None] = _ignore
        self.halted = False

    async def open(self) -> bool:
        """Start the stream and wait until it is up; False when it takes too long."""
        self._tasks.start(self.stream.run())
        self._tasks.start(self._keep())
        try:
            async with asyncio.timeout(self._settings.answer_ms_max / 1000):
                await self._opened.wait()
        except TimeoutError:
            return False
        return True

    async def _plan(self) -> StreamPlan | None:
        if self.halted:
            return None
        outcome = await self._courier.send(self._half.stream_key())
        if not isinstance(outcome, Accepted):
            return None
        self._key = outcome.value
        return self._half.user_stream(self._key)

    def _up(self) -> None:
        self._opened.set()
        self.on_gap("the user stream was opened")

    def _down(self) -> None:
        self._opened.clear()

    def _frame(self, frame: bytes) -> None:
        try:
            events = self._half.events(frame)
        except ValueError:
            self._alert("the user stream brought an unreadable frame")
            self.on_gap("an unreadable frame")
            return
        for event in events:
            if isinstance(event, StreamKeyGone):
                self._renew()
            else:
                self.on_event(event)

    def _renew(self) -> None:
        self._alert("the user stream's key has ended")
        self.stream.replace()

    async def _keep(self) -> None:
        """Extend the key in time; a key that is gone is replaced with its stream."""
        pause_s = self._half.key_extend_ms / 1000
        while not self.halted:
            await asyncio.sleep(pause_s)
            pause_s = self._half.key_extend_ms / 1000
            if not self.stream.up:
                continue
            outcome = await self._courier.send(self._half.extend_stream_key(self._key))
            if isinstance(outcome, Accepted):
                continue
            if isinstance(outcome, Rejected) and outcome.category is Category.STREAM_KEY:
                self._renew()
            else:
                pause_s = self._settings.pause_ms_max / 1000


def _ignore(event: object) -> None:
    """Do nothing: nobody listens yet."""
