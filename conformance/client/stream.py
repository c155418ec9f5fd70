"""One WebSocket kept alive: connect, reconnect with back-off, heartbeats, planned renewal."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import ClassVar, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from conformance.client.settings import Settings
from conformance.contracts.client import StreamPlan

# A logger outside the tree: websockets would write the URL with its stream key, and every frame,
# to whatever handlers the user has.
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001


Planner: TypeAlias = Callable[[], Awaitable[StreamPlan | None]]
"""Says how to open the next connection, or None when that cannot be known now."""


class Connect(connect):
    """The opening of a connection."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Never follow: credentials stay with the host that was permitted."""
        return exc


class Stream:
    """Runs until cancelled; ``on_frame`` gets every message, ``on_up``/``on_down`` the turns.

    ``on_frame`` says whether a message told anything: answers to heartbeats do not.
    """

    connect_type: ClassVar[type[Connect]] = Connect

    def __init__(
        self,
        base: str,
        tls: ssl.SSLContext | None,
        settings: Settings,
        random: Random,
        plan: Planner,
    ) -> None:
        self._base = base
        self._tls = tls
        self._settings = settings
        self._random = random
        self._plan = plan
        self._socket: ClientConnection | None = None
        self._failures = 0
        self.heard_s = 0.0
        """Monotonic instant of the last message that told anything, or of the connection."""
        self.on_frame: Callable[[bytes], bool] = _ignore_frame
        self.on_up: Callable[[], None] = _ignore
        self.on_down: Callable[[], None] = _ignore

    @property
    def up(self) -> bool:
        """True while connected."""
        return self._socket is not None

    async def run(self) -> None:
        """Keep one connection until cancelled."""
        while True:
            begun = time.monotonic()
            plan = await self._plan()
            if plan is not None:
                await self._live(plan)
            if time.monotonic() - begun >= self._settings.stable_ms / 1000:
                self._failures = 0
            await asyncio.sleep(self._delay_s())

    def _delay_s(self) -> float:
        settings = self._settings
        pause_ms = min(settings.reconnect_ms_max, settings.reconnect_ms << min(self._failures, 10))
        self._failures += 1
        return pause_ms / 1000 * (0.5 + self._random.random())

    async def _live(self, plan: StreamPlan) -> None:
        """Open, listen until the connection ends, whatever ends it."""
        settings = self._settings
        try:
            socket = await self.connect_type(
                self._base + plan.path,
                ssl=self._tls,
                proxy=None,
                compression=None,
                user_agent_header=None,
                open_timeout=settings.connect_ms_max / 1000,
                ping_interval=settings.ping_ms / 1000,
                ping_timeout=settings.ping_ms / 1000,
                close_timeout=1,
                max_size=settings.frame_bytes_max,
                logger=_SILENT,
            )
            try:
                await self._listen(socket, plan)
            finally:
                await socket.close()
        except (OSError, WebSocketException, TimeoutError):
            # Refused, cut, silent or broken: all of them end in a new connection.
            return

    async def _listen(self, socket: ClientConnection, plan: StreamPlan) -> None:
        self._socket = socket
        self.heard_s = time.monotonic()
        loop = asyncio.get_running_loop()
        renewal = loop.call_later(self._settings.stream_life_ms / 1000, self.replace)
        pulse = loop.create_task(self._beat(plan))
        try:
            for text in plan.opening:
                await socket.send(text)
            self.on_up()
            while True:
                frame = await socket.recv(decode=False)
                if self.on_frame(frame):
                    self.heard_s = time.monotonic()
        finally:
            renewal.cancel()
            pulse.cancel()
            self._socket = None
            self.on_down()

    async def _beat(self, plan: StreamPlan) -> None:
        while plan.beat:
            await asyncio.sleep(plan.beat_ms / 1000)
            await self.send([plan.beat])

    async def send(self, texts: Sequence[str]) -> None:
        """Send messages on the open connection; without one they are for the next plan."""
        if self._socket is None:
            return
        try:
            for text in texts:
                await self._socket.send(text)
        except WebSocketException:
            # The listener sees the same end and reconnects; its plan contains these messages.
            return

    def replace(self) -> None:
        """Cut the connection, so that a new one is made at once."""
        if self._socket is not None:
            self._socket.transport.abort()


def _ignore() -> None:
    """Do nothing: nobody listens yet."""


def _ignore_frame(frame: bytes) -> bool:  # noqa: ARG001 - nobody listens yet
    """Drop a message."""
    return False
