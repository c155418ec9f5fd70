"""A locustfile: one user as locust makes it, and one of ours, against the bare HMAC server.

Both send the same orders over one kept connection, the next when the answer before it is in. What
each has used of the processor is told in one line on standard output.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import gevent
from locust import FastHttpUser, events, task
from locust.env import Environment
from locust.exception import StopUser

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.load.orders import goods_of
from conformance.load.plan import Action, Arrival, Plan
from conformance.venues import load
from loadtests.bench.orders import SECRET, Signer
from loadtests.locusts.crew import Crew, Seat
from loadtests.locusts.traders import Trader

ASKED = json.loads(os.environ["CONFORMANCE_BENCH"])
WARM = 200
"""Requests that are sent before anything is measured."""
GOODS = {"symbol": "BTCUSDT", "price": "50000.00", "amended": "49999.00", "quantity": "0.010"}


class Told(FastHttpUser):
    """Sends so many requests and says what they cost."""

    abstract = True
    host = ASKED["rest"]

    @task
    def work(self) -> None:
        """Send, tell, and end the run."""
        try:
            self._measure()
        finally:
            runner: Any = self.environment.runner
            gevent.spawn(runner.quit)
        raise StopUser

    def _measure(self) -> None:
        self.prepare()
        for number in range(WARM):
            self.send(number)
        begun, busy = time.perf_counter(), time.process_time()
        for number in range(WARM, WARM + ASKED["requests"]):
            self.send(number)
        spent, wall = time.process_time() - busy, time.perf_counter() - begun
        requests = ASKED["requests"]
        print(json.dumps({"us": spent / requests * 1e6, "rate": requests / wall}), flush=True)

    def prepare(self) -> None:
        """Make ready what every request needs."""

    def send(self, number: int) -> None:
        """Send one request."""


class Bare(Told):
    """The user as locust makes it: an order that was signed beforehand."""

    def prepare(self) -> None:
        """Sign once."""
        signer = Signer("key", SECRET, GOODS["symbol"], GOODS["quantity"])
        head, _, _ = next(signer.taking(1)).decode().partition(" HTTP/1.1")
        target = head.removeprefix("POST ")
        self._url = f"{self.host}{target}"

    def send(self, number: int) -> None:
        """Send it again."""
        del number
        response = self.client.request("POST", self._url, name="order")
        if response.status_code != 200:
            raise StopUser


class Signed(Told, Trader):
    """A user of ours: encodes, signs, reads the answer, counts latencies and keeps the ledger."""

    def prepare(self) -> None:
        """Take a seat at the bare server."""
        plan = Plan(venue="binance_usdm", bots=1, rate=1.0, duration_s=1.0)
        endpoints = Endpoints("binance_usdm", ASKED["rest"], ASKED["rest"])
        credentials = Credentials("hmac", "key", SECRET)
        self._seat = Seat(0, plan, endpoints, credentials, goods_of([GOODS]))
        self._half = load(plan.venue).client()

    def send(self, number: int) -> None:
        """Act as at any instant of a plan."""
        self._act(Arrival(self._crew.now(), number, Action.PLACE))


Signed.tasks = [Told.work]  # and not that of the trader, of which locust would draw one


@events.init.add_listener  # type: ignore[untyped-decorator]
def prepare(environment: Environment, **_more: Any) -> None:  # noqa: ANN401 - locust's hook
    """Gather the crew of this process."""
    crew = Crew(environment)
    Trader.crew = staticmethod(lambda: crew)
