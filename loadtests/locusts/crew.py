"""The bots of one locust process: their seats, their common start, what they have seen."""

from __future__ import annotations

import time
from itertools import count
from typing import Any, NamedTuple

import gevent
from gevent.event import AsyncResult, Event
from locust.env import Environment

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.guard import permit
from conformance.load.orders import Goods, goods_of
from conformance.load.plan import Plan
from conformance.load.tally import Tally
from conformance.load.venue import seated
from conformance.venues import load

DRAIN_S = 1.0
LAST_ANSWERS_S = 3.0


class Seat(NamedTuple):
    """Everything one bot needs."""

    bot: int
    plan: Plan
    endpoints: Endpoints
    credentials: Credentials
    goods: tuple[Goods, ...]


class Crew:
    """What the bots of this process share."""

    def __init__(self, environment: Environment) -> None:
        self.tally = Tally()
        self.halted = False
        self.busy = 0
        """How many requests are under way."""
        runner: Any = environment.runner
        self._runner = runner
        self._users = count()
        self._waiting: dict[int, AsyncResult[dict[str, Any]]] = {}
        self._begun = Event()
        self._start = 0.0
        for name in ("seated", "go", "halt"):
            runner.register_message(name, getattr(self, f"_on_{name}"), concurrent=True)

    def seat(self) -> Seat:
        """Ask for a seat and wait for it; raise HostRefused for a target that is not permitted."""
        user = next(self._users)
        waiting = self._waiting[user] = AsyncResult()
        self._runner.send_message("seat", {"user": user})
        given = waiting.get()
        plan = Plan(**given["plan"])
        endpoints, credentials = seated(plan.venue, given["seat"])
        testnets = load(plan.venue).client().testnets
        for url in (endpoints.rest, endpoints.streams):
            permit(url, testnets=testnets)
        return Seat(given["bot"], plan, endpoints, credentials, goods_of(given["goods"]))

    def ready(self) -> None:
        """Say that one more bot is ready, and wait for the common start."""
        self._runner.send_message("ready", {})
        self._begun.wait()

    def now(self) -> float:
        """Return the seconds since the common start."""
        return time.perf_counter() - self._start

    def done(self, bot: int) -> None:
        """Say that a bot has come to its end; what it has seen is told before."""
        self.drain()
        self._runner.send_message("done", {"bot": bot})

    def trouble(self, text: str) -> None:
        """Say what kept a bot from its plan."""
        self._runner.send_message("trouble", {"text": text})

    def drain(self) -> None:
        """Tell what was seen since the last time."""
        told = self.tally.drain()
        if told["seconds"] or told["orders"]:
            self._runner.send_message("tally", told)

    def _on_seated(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        self._waiting.pop(msg.data["user"]).set(msg.data)

    def _on_go(self, msg: Any, **_more: Any) -> None:  # noqa: ANN401 - locust's message
        self._start = time.perf_counter() + msg.data["lead_s"]
        self._begun.set()
        gevent.spawn(self._drain_on)

    def _on_halt(self, **_more: Any) -> None:  # noqa: ANN401
        self.halted = True
        with gevent.Timeout(LAST_ANSWERS_S, exception=False):
            while self.busy:
                gevent.sleep(0.01)
        self.drain()
        self._runner.send_message("left", {})

    def _drain_on(self) -> None:
        while not self.halted:
            gevent.sleep(DRAIN_S)
            self.drain()
