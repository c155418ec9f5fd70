"""Locust users that trade: signed requests at the instants of a plan, whatever came of the last."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser

from conformance.cases import accepted
from conformance.contracts.client import Call
from conformance.guard import permit
from conformance.load import orders
from conformance.load.fates import fate, patience
from conformance.load.plan import Action, Arrival
from conformance.load.rate import CATCH_UP_S
from conformance.load.tally import UNANSWERED
from conformance.model.wire import WireReply, WireRequest
from conformance.venues import load
from loadtests.locusts.crew import Crew, Seat
from loadtests.locusts.listeners import Listener

OK = 200
SLACK_S = 0.0005
"""Less than this is not waited for."""


class Trader(FastHttpUser):
    """One bot: an account of its own, one request at a time, never ahead of its plan."""

    host = "http://127.0.0.1"
    insecure = False
    max_redirects = 0
    crew: ClassVar[Callable[[], Crew]]
    """Set by the locustfile."""

    def __init__(self, environment: Environment) -> None:
        permit(environment.host or self.host)
        super().__init__(environment)
        self._crew = type(self).crew()
        self._seat: Seat
        self._order = -1
        self._silent_until_s = 0.0
        self._due_s = 0.0
        """By when a steady sender would send the next message."""

    @task
    def work(self) -> None:
        """Take a seat and live through the whole plan, once."""
        seat = self._seat = self._crew.seat()
        self._half = load(seat.plan.venue).client()
        try:
            self._live(seat)
        except Exception as error:  # noqa: BLE001 - locust would begin the plan again
            self._crew.trouble(f"bot {seat.bot} failed: {error!r}")
        self._crew.done(seat.bot)
        raise StopUser

    def _live(self, seat: Seat) -> None:
        streams = self._listen(seat) if seat.plan.listen else []
        try:
            self._trade(seat)
        finally:
            for stream in streams:
                stream.close()

    def _listen(self, seat: Seat) -> list[Listener]:
        """Open the streams that a bot has: its books, and its account's own."""
        half, base = self._half, seat.endpoints.streams
        key = ""
        if half.stream_keys is not None:
            call = half.stream_keys.create()
            key = accepted(half.read(call, self._send(call)), "a stream key")
        plans = (
            half.book_stream([goods.symbol for goods in seat.goods]),
            half.user_stream(key, seat.credentials, _now_ms()),
        )
        return [Listener(self._crew, base, plan) for plan in plans]

    def _warm(self, seat: Seat) -> None:
        """Connect, and load what the first order would load, before time counts."""
        call = self._half.time()
        self._half.read(call, self._send(call))
        specimen = orders.call(self._half, Action.PLACE, seat.goods[0], "warm")
        self._half.sign(specimen, seat.credentials, _now_ms())

    def _trade(self, seat: Seat) -> None:
        crew = self._crew
        self._warm(seat)
        crew.ready()
        for arrival in seat.plan.arrivals(seat.bot):
            wait_s = arrival.at_s - crew.now()
            if wait_s > SLACK_S:
                gevent.sleep(wait_s)
                late_s = crew.now() - arrival.at_s
                crew.tally.second(arrival.at_s).lag.record(int(late_s * 1e6))
            if crew.halted:
                break
            if arrival.at_s < self._silent_until_s:
                crew.tally.second(arrival.at_s).withheld += 1
            else:
                self._act(arrival)

    def _act(self, arrival: Arrival) -> None:
        """Send one message and note what came of it."""
        crew, seat, action = self._crew, self._seat, arrival.action
        if action in (Action.PLACE, Action.TAKE):
            self._order += 1
        elif self._order < 0:
            return
        client_id = seat.plan.client_id(seat.bot, self._order)
        goods = seat.goods[self._order % len(seat.goods)]
        call = orders.call(self._half, action, goods, client_id, number=self._order)
        # Catching up in a burst would overdraw the venue's budget: the generic cell rate algorithm
        # (ITU-T I.371, annex A) lets through what keeps to it.
        early_s = self._due_s - CATCH_UP_S - crew.now()
        if early_s > 0:
            gevent.sleep(early_s)
        sent_s = crew.now()
        self._due_s = max(sent_s, self._due_s) + seat.plan.gap_s
        reply = self._send(call)
        done_s = crew.now()
        outcome = self._half.read(call, reply)
        status = str(reply.status or UNANSWERED)
        crew.tally.answered(arrival.at_s, sent_s, done_s, status=status, outcome=outcome)
        silence = self._half.silence(call, reply)
        if silence is not None:
            until_s = done_s + patience(silence, _now_ms())
            self._silent_until_s = max(self._silent_until_s, until_s)
        learnt = fate(action, outcome)
        if learnt is not None:
            crew.tally.order(client_id, *learnt)

    def _send(self, call: Call[Any]) -> WireReply:
        signed: WireRequest = self._half.sign(call, self._seat.credentials, _now_ms())
        url = f"{self._seat.endpoints.rest}{signed.path}"
        if signed.query:
            url = f"{url}?{signed.query.decode()}"
        self._crew.busy += 1
        try:
            response = self.client.request(
                signed.method,
                url,
                name=call.operation.value,
                data=signed.body.decode() or None,
                headers=dict(signed.headers),
            )
            body = response.content or b""
            if response.status_code == OK:
                return WireReply(OK, body)  # only refusals say something in their headers
            found = response.headers.items() if response.headers else ()
            headers = tuple((name.lower(), value) for name, value in found)
            return WireReply(response.status_code, body, headers)
        finally:
            self._crew.busy -= 1


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
