"""WebSockets of a bot: its books and its own events, read beside its orders."""

from __future__ import annotations

import time

import gevent
from websocket import WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

from conformance.contracts.client import StreamPlan
from loadtests.locusts.crew import Crew

LOOK_S = 0.5
"""How often a stream looks whether the run is over, and whether a heartbeat is due."""
OPEN_S = 10.0


class Listener:
    """One stream of a seat (whose targets are permitted): read in a greenlet until closed."""

    def __init__(self, crew: Crew, base: str, plan: StreamPlan) -> None:
        self._crew = crew
        self._plan = plan
        self._over = False
        self._beaten_s = time.monotonic()
        self._socket: WebSocket = create_connection(base + plan.path, timeout=OPEN_S)
        for message in plan.opening:
            self._socket.send(message)
            if plan.confirmed:
                self._socket.recv()
        self._socket.settimeout(LOOK_S)
        self._reading = gevent.spawn(self._read)

    def close(self) -> None:
        """Read no more."""
        self._over = True
        self._reading.join()
        self._socket.close()

    def _read(self) -> None:
        while not self._over:
            self._beat()
            try:
                frame = self._socket.recv()
            except WebSocketTimeoutException:
                continue
            except (OSError, WebSocketException) as error:
                self._crew.trouble(f"a stream was lost: {error!r}")
                return
            if frame:
                self._crew.tally.second(self._crew.now()).frames += 1

    def _beat(self) -> None:
        plan = self._plan
        if plan.beat and time.monotonic() - self._beaten_s >= plan.beat_ms / 1000:
            self._beaten_s = time.monotonic()
            self._socket.send(plan.beat)
