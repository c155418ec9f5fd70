from __future__ import annotations

from heapq import heappop, heappush
from types import SimpleNamespace

import pytest

from conformance.cases import MONITORS
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.study import Carried, Customs, OrderText, Study, Told
from conformance.model.wire import (
    Frame,
    Operation,
    Reading,
    RoundTrip,
    Stream,
    Topic,
    WireReply,
    WireRequest,
)
from conformance.plugin.discovery import all_monitors
from conformance.venues import load

START = 1_000_000
KEY, SECRET = "key-of-the-testee", "secret-of-the-testee"
ACCOUNT = (Topic.ORDERS, "")
BOOK = (Topic.BOOK, "BTCUSDT")
CUSTOMS = Customs(
    key_header="x-key",
    window_ms=5_000,
    window_ms_max=60_000,
    ahead_ms=1_000,
    client_id=r"[a-z0-9]{1,10}",
    batch_max={Operation.PLACE_BATCH: 5},
    messages=(3, 1_000),
    pong_ms=10_000,
    stream_ms=86_400_000,
    stream_key_ms=3_600_000,
)


class Stage:
    """A scene that a test moves by hand, with one rule that watches it."""

    def __init__(self, rule_id):
        self.customs = CUSTOMS
        self.credentials = Credentials("hmac", KEY, SECRET)
        self.endpoints = Endpoints("any", "http://127.0.0.1:80", "ws://127.0.0.1:80")
        self.limits = {"orders": (3, 10_000)}
        self.listings = {one.symbol: one for one in load("binance_usdm").listings}
        self.now_ms = START
        self.woken_ms = 0
        self.offset_ms = 0
        self.testees = 1
        self.key_in_force = True
        self.refusing = False
        self.hanging = set()
        self.calling = set()
        self.subscribed = {}
        self.breaches = []
        self._dues = []
        self._number = 0
        self.rule = MONITORS.get(rule_id).rule(self)

    def half_open(self, stream):
        return stream in self.hanging

    def carries_calls(self, stream):
        return stream in self.calling

    def interests(self, stream):
        return self.subscribed.get(stream, (None, set()))[1]

    def streams(self):
        return [stream for stream, _ in self.subscribed.values()]

    def at(self, instant_ms, look):
        self._number += 1
        heappush(self._dues, (instant_ms, self._number, look))

    def broken(self, rule, expected, observed):
        assert rule == self.rule.id
        assert expected or observed
        self.breaches.append(observed)

    def wait(self, for_ms):
        end = self.now_ms + for_ms
        while self._dues and self._dues[0][0] <= end:
            self.now_ms, _, look = heappop(self._dues)
            look()
        self.now_ms = end

    def ask(self, operation=Operation.OTHER, *, study=None, lane=1, headers=(), **read):
        """Let a request arrive; return what ``answer`` wants."""
        self._number += 1
        fields = (("host", "127.0.0.1:80"), *headers)
        request = WireRequest("POST", "/there", b"", fields, b"", lane=lane)
        at = self.now_ms + self.offset_ms
        trip = RoundTrip(self._number, request, at, Reading(operation=operation, **read))
        trip.received = (b"POST /there",)
        study = study or Study()
        if not self.rule.requests_of or operation in self.rule.requests_of:
            self.rule.request(trip, study)
        for order in study.orders:
            self.rule.order(order, trip, study)
        return trip, study

    def answer(self, asked, told=None):
        trip, study = asked
        trip.reply, trip.replied_ms = WireReply(200, b"{}"), self.now_ms + self.offset_ms
        told = told or Told()
        if not self.rule.answers_of or trip.reading.operation in self.rule.answers_of:
            self.rule.answer(trip, study, told)
        if told.category is not None:
            self.rule.refused(trip, study, told)

    def place(self, *orders, **more):
        costs = (("orders", len(orders)),)
        return self.ask(Operation.PLACE, study=Study(orders=orders, costs=costs), **more)

    def open(self, number, *interests):
        stream = Stream(number, "/ws", "", self.now_ms)
        self.subscribed[number] = (stream, set(interests))
        self.rule.opened(stream)

    def close(self, number, *, by_peer=False):
        stream, _ = self.subscribed[number]
        stream.closed_ms, stream.by_peer = self.now_ms, by_peer
        self.rule.closed(stream)
        del self.subscribed[number]

    def say(self, number, payload=b"{}", opcode="text"):
        self.rule.sent(Frame(0, number, self.now_ms, True, opcode, payload))

    def push(self, number, carried=None, *, opcode="text", payload=b"{}", topic=None):
        frame = Frame(0, number, self.now_ms, False, opcode, payload, topic)
        self.rule.pushed(frame, carried or Carried())

    def change(self, previous, last, *, whole=False):
        self.push(1, Carried("BTCUSDT", "", last, previous, whole=whole), topic=Topic.BOOK)


def order(client_id="first", **changes):
    text = OrderText("BTCUSDT", client_id, "", "BUY", "LIMIT", "60000.10", "0.002")
    return text._replace(**changes)


@pytest.fixture(scope="session", autouse=True)
def _monitors():
    all_monitors()


@pytest.fixture
def watched():
    """Put the rule of an id on a stage."""
    return Stage


@pytest.fixture
def words():
    """What the stage is made of."""
    return SimpleNamespace(order=order, account=ACCOUNT, book=BOOK, key=KEY, secret=SECRET)
