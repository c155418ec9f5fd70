"""Trailing stops follow the best price since their activation and fire when it turns.

A sell follows highs and fires at high x (1 - rate) or high - distance; a buy follows lows,
mirrored (Algo Order, developers.binance.com; trading-stop, bybit-exchange.github.io; 2026-11).
"""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import pytest

from conformance.exchange.lookout import Lookout
from conformance.exchange.triggers import rises
from conformance.model.commands import AmendConditional, CancelConditional, PlaceConditional
from conformance.model.events import ConditionalActivated
from conformance.model.orders import ConditionalStatus, Gauge, Kind, Side
from conformance.model.records import ConditionalRecord
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
TRAIL = Kind.TRAILING_STOP
NEW, FINISHED = ConditionalStatus.NEW, ConditionalStatus.FINISHED


def move(stage, *prices, gauge=Gauge.LAST):
    for price in prices:
        stage.gauge(gauge, price)


def test_without_activation_it_follows_at_once(stage):
    events = stage.conditional("a", SELL, TRAIL, 10, callback_ticks=5)
    record = events[0].conditional
    assert events[1:] == (ConditionalActivated(record, 100),)
    move(stage, 96)
    assert record.status is NEW
    move(stage, 95)
    assert record.status is FINISHED


@pytest.mark.parametrize(
    ("side", "best", "almost", "turn"), [(SELL, 120, 109, 108), (BUY, 80, 87, 88)]
)
def test_it_fires_at_its_rate_from_the_best_price(stage, side, best, almost, turn):
    record = stage.wait("a", side, TRAIL, 10, callback_ppm=100_000)
    move(stage, best, almost)
    assert (record.status, record.peak.price) == (NEW, best)
    move(stage, turn)
    assert record.status is FINISHED


@pytest.mark.parametrize(("side", "best", "turn"), [(SELL, 120, 115), (BUY, 80, 85)])
def test_it_fires_at_its_distance_from_the_best_price(stage, side, best, turn):
    record = stage.wait("a", side, TRAIL, 10, callback_ticks=5, gauge=Gauge.MARK)
    move(stage, best, (best + 3 * turn) // 4, gauge=Gauge.MARK)
    assert record.status is NEW
    move(stage, turn, gauge=Gauge.MARK)
    assert record.status is FINISHED


def test_a_rate_between_ticks_is_rounded_away_from_the_best_price(stage):
    # 101 x (1 - 1.5 %) = 99.485: not reached at 100, reached at 99
    record = stage.wait("a", SELL, TRAIL, 10, callback_ppm=15_000)
    move(stage, 101, 100)
    assert record.status is NEW
    move(stage, 99)
    assert record.status is FINISHED


@pytest.mark.parametrize(
    ("side", "activation", "beyond", "turn"), [(SELL, 110, 112, 107), (BUY, 90, 88, 93)]
)
def test_before_its_activation_it_follows_nothing(stage, kinds, side, activation, beyond, turn):
    record = stage.wait("a", side, TRAIL, 10, callback_ticks=5, activation=activation)
    move(stage, 101, 99, 100)
    assert (record.status, record.peak) == (NEW, None)
    assert kinds(stage.gauge(Gauge.LAST, beyond)) == ["LastChanged", "ConditionalActivated"]
    assert record.peak.price == beyond
    move(stage, turn)
    assert record.status is FINISHED


@pytest.mark.parametrize(("side", "activation"), [(SELL, 100), (SELL, 99), (BUY, 100), (BUY, 101)])
def test_an_activation_that_is_passed_already_is_refused(stage, reason, side, activation):
    events = stage.conditional("a", side, TRAIL, 10, callback_ticks=5, activation=activation)
    assert reason(events) is Reason.IMMEDIATELY_TRIGGERS


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, Reason.CALLBACK_INVALID),
        ({"callback_ppm": 1_000_000}, Reason.CALLBACK_INVALID),
        ({"callback_ppm": -1}, Reason.CALLBACK_INVALID),
        ({"callback_ticks": -1}, Reason.CALLBACK_INVALID),
        ({"callback_ppm": 1, "callback_ticks": 1}, Reason.CALLBACK_INVALID),
        ({"callback_ppm": 1, "activation": 0}, Reason.ACTIVATION_INVALID),
    ],
)
def test_callback_and_activation_must_make_sense(stage, reason, terms, expected):
    assert reason(stage.conditional("a", SELL, TRAIL, 10, **terms)) is expected


def test_it_cannot_be_amended(stage, reason):
    record = stage.wait("a", SELL, TRAIL, 10, callback_ticks=5)
    amend = AmendConditional("a", record.conditional_id, 90, None, 10)
    assert reason(stage.apply(amend)) is Reason.CONDITIONAL_TRAILS


@pytest.mark.parametrize("terms", [{}, {"activation": 110}])
def test_a_cancelled_one_follows_nothing(stage, kinds, terms):
    record = stage.wait("a", SELL, TRAIL, 10, callback_ticks=5, **terms)
    stage.apply(CancelConditional("a", record.conditional_id))
    assert kinds(stage.gauge(Gauge.LAST, 112)) == ["LastChanged"]
    assert kinds(stage.gauge(Gauge.LAST, 90)) == ["LastChanged"]


def test_a_protected_one_follows_but_does_not_fire_while_prices_are_apart(stage):
    record = stage.wait("a", SELL, TRAIL, 10, callback_ticks=5, activation=101, protected=True)
    move(stage, 130)
    assert record.peak.price == 130
    move(stage, 120)
    assert record.status is NEW
    move(stage, 119, gauge=Gauge.MARK)
    assert record.status is FINISHED


def test_stops_with_one_best_price_fire_in_the_order_of_their_distance_then_age(stage):
    far = stage.wait("a", SELL, TRAIL, 1, callback_ticks=6)
    near = stage.wait("b", SELL, TRAIL, 1, callback_ticks=3)
    rate = stage.wait("c", SELL, TRAIL, 1, callback_ppm=30_000)
    move(stage, 97)
    assert near.order.order_id < rate.order.order_id
    assert far.status is NEW
    move(stage, 94)
    assert far.status is FINISHED


class Plain:
    """What a trailing stop is, written down without any cleverness."""

    def __init__(self, record, price):
        self.record = record
        self.best = price

    def sees(self, price):
        better = max if self.record.command.side is SELL else min
        self.best = better(self.best, price)
        command = self.record.command
        distance = command.callback_ticks or Fraction(self.best * command.callback_ppm, 10**6)
        if command.side is SELL:
            return price <= self.best - distance
        return price >= self.best + distance


def trailing(number, side, *, ppm=0, ticks=0):
    command = PlaceConditional(
        "a", "AAA", side, TRAIL, 1, f"t{number}", callback_ppm=ppm, callback_ticks=ticks
    )
    return ConditionalRecord(
        conditional_id=number, command=command, created_ms=0, updated_ms=0, rising=rises(command)
    )


@pytest.mark.parametrize("seed", range(20))
def test_cohorts_do_what_every_stop_alone_would_do(seed):
    random = Random(seed)
    lookout, plain = Lookout(), {}
    price, number = 10_000, 0
    for _ in range(2_000):
        kind = random.random()
        if kind < 0.3:
            number += 1
            ppm, ticks = random.choice(
                ((random.randint(1, 30_000), 0), (0, random.randint(1, 300)))
            )
            record = trailing(number, random.choice((BUY, SELL)), ppm=ppm, ticks=ticks)
            lookout.trail(record, price)
            plain[number] = Plain(record, price)
        elif kind < 0.35 and plain:
            gone = random.choice(list(plain))
            lookout.remove(plain.pop(gone).record)
        price = max(1, price + random.randint(-60, 60))
        lookout.follow(price)
        fired = set()
        while (record := lookout.next(price)) is not None:
            fired.add(record.conditional_id)
        expected = {name for name, stop in plain.items() if stop.sees(price)}
        assert fired == expected
        for name in fired:
            del plain[name]
        for stop in plain.values():
            assert stop.record.peak.price == stop.best
    assert number > 300


def test_a_tick_costs_little_among_many_stops():
    """A hundred times the stops, far from a hundred times the work."""

    def cost(count):
        lookout = Lookout()
        for number in range(1, count + 1):
            lookout.trail(trailing(number, SELL, ppm=100_000 + number), 10**9 - number)
        lookout.follow(10**9)
        begun = time.perf_counter()
        for tick in range(2_000):
            lookout.follow(10**9 + tick % 7)
            assert lookout.next(10**9 - tick % 7) is None
        return time.perf_counter() - begun

    assert min(cost(20_000) for _ in range(3)) < 20 * min(cost(200) for _ in range(3))
