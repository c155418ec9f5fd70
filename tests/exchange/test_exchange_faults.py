"""Seeded faults of the exchange itself: each must be caught by what is meant to catch it.

A fault is planted by patching one place of the engine. Its witness is a machine, whose invariants
must break, or a test of a published formula, which must fail. Both pass without the fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import pytest

from conformance.errors import InvariantBroken
from conformance.exchange import accounts, admission, conditions, funding, matching, settlement
from conformance.exchange import triggers as triggers_module
from conformance.exchange.book import Ladder
from conformance.exchange.countdown import Countdowns
from conformance.exchange.expiry import Agenda
from conformance.exchange.groups import Cross
from conformance.exchange.margin import Scale
from conformance.exchange.market import Market
from conformance.exchange.matching import Matching
from conformance.exchange.trailing import Trail
from conformance.exchange.triggers import Triggers
from conformance.model.events import Cause
from conformance.model.orders import Side
from conformance.model.refusals import Reason
from tests.exchange import test_exchange_brackets as on_brackets
from tests.exchange import test_exchange_funding as on_funding
from tests.exchange import test_exchange_liquidation as on_liquidation
from tests.exchange import test_exchange_matching as on_matching
from tests.exchange import test_exchange_triggers as on_triggers
from tests.exchange.machine import ExchangeMachine, put_through, rules_of
from tests.exchange.waiting_machine import WaitingMachine

CAUGHT = (AssertionError, InvariantBroken)


class Fault(NamedTuple):
    """One place of the engine, what to put there, and who must notice."""

    place: object
    name: str
    patch: Callable[[Any], Any]
    """From what is there to what is put there instead."""
    witness: Callable[..., object] = ExchangeMachine


def later(original):
    """Return an instant that comes a millisecond too late."""

    def due(self):
        at = original(self)
        return None if at is None else at + 1

    return due


def swapped(original):
    def begin(self, listing):
        original(self, listing)
        self.maker_rate, self.taker_rate = self.taker_rate, self.maker_rate

    return begin


def no_duplicates(original):
    def refusal(*args):
        reason = original(*args)
        return None if reason is Reason.DUPLICATE_CLIENT_ID else reason

    return refusal


def newest_first(original):
    def add(self, order, price):
        original(self, order, price)
        queue = self._queues[price * self._sign]
        queue.orders = dict(reversed(queue.orders.items()))

    return add


def at_last_price(original):
    def balance(self):
        legs = [leg for leg in self.legs() if leg.lots]
        markets = [leg.holding.market for leg in legs]
        return original.fget(self) + sum(
            market.contract.unrealised(market.last, leg.lots, leg.cost) - leg.unrealised
            for leg, market in zip(legs, markets, strict=True)
        )

    return property(balance)


def siblings_kept(original):
    def cancel(self, record, cause, turn):
        if cause is not Cause.SIBLING_TRIGGERED:
            original(self, record, cause, turn)

    return cancel


def charged(stage):
    on_funding.test_a_rate_is_charged_at_the_next_boundary(stage, 4, 4)


def truncated(stage):
    on_triggers.test_a_price_is_truncated_to_the_tick_before_it_is_compared(stage, names)


def guarded(stage):
    stage.rest("a", Side.BUY, 10, 100, bracket=on_brackets.PAIR)
    exits = on_brackets.accepted(stage.sell("b", 10, 100))
    on_brackets.test_the_exit_that_triggers_cancels_the_other_once((stage, *exits), 90, 1)


def names(events):
    return [type(event).__name__ for event in events]


def liquidated(stage):
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    on_liquidation.test_it_strikes_when_the_balance_does_not_exceed_maintenance(stage)


FAULTS = {
    "fees have the wrong sign": Fault(
        matching,
        "settle",
        lambda settle: (
            lambda leg, side, trade, rate, ledger: settle(
                leg, side, trade, (-rate[0], rate[1]), ledger
            )
        ),
    ),
    "makers pay as takers": Fault(Market, "__init__", swapped),
    "released cost is rounded down, not cut": Fault(
        settlement, "truncated", lambda _: lambda above, below: above // below
    ),
    "maintenance knows no deduction": Fault(
        Scale,
        "maintenance",
        lambda _: (
            lambda self, notional: (
                notional * self._rates[self.row(notional)][0] // self._rates[self.row(notional)][1]
            )
        ),
    ),
    "the margin tier is that below": Fault(
        Scale, "row", lambda row: lambda self, notional: max(0, row(self, notional) - 1)
    ),
    "open sells bind no margin": Fault(
        accounts, "exposure", lambda exposure: lambda held, bids, _: exposure(held, bids, 0)
    ),
    "closers are never knocked out": Fault(Matching, "knock_out", lambda _: lambda *_: None),
    "closers are not trimmed": Fault(
        admission, "_trimmed", lambda _: lambda command, _: command.quantity
    ),
    "an account trades with itself": Fault(matching, "kin", lambda _: lambda *_: False),
    "dated orders live a millisecond too long": Fault(Agenda, "due", later),
    "client ids of open orders repeat": Fault(admission, "_shape_refusal", no_duplicates),
    "the newest order of a price trades first": Fault(
        Ladder,
        "add",
        newest_first,
        on_matching.test_the_best_price_trades_first_and_then_the_earliest,
    ),
    "funding comes a millisecond late": Fault(
        funding,
        "_after",
        lambda after: lambda at, hours: after(at, hours) + 1,
        charged,
    ),
    "shorts pay longs": Fault(
        funding,
        "truncated",
        lambda truncated: lambda above, below: -truncated(above, below),
        on_funding.test_longs_pay_shorts_at_mark,
    ),
    "liquidation looks at the last price": Fault(Cross, "balance", at_last_price, liquidated),
    "triggers look the wrong way": Fault(
        triggers_module, "rises", lambda rises: lambda command: not rises(command), WaitingMachine
    ),
    "prices are rounded up before they trigger": Fault(
        Market,
        "ticks",
        lambda _: lambda self, price: -(-price // self.contract.tick),
        truncated,
    ),
    "trailing stops forget the best price": Fault(
        Trail, "follow", lambda _: lambda *_: None, WaitingMachine
    ),
    "client ids of conditional orders repeat": Fault(
        conditions, "_shape_refusal", no_duplicates, WaitingMachine
    ),
    "dated conditional orders live a millisecond too long": Fault(
        Triggers, "due", later, WaitingMachine
    ),
    "an exit leaves its sibling waiting": Fault(Triggers, "_cancel", siblings_kept, guarded),
    "bound orders outlive their position": Fault(
        Triggers, "_on_position", lambda _: lambda *_: None, WaitingMachine
    ),
    "conditional orders are never capped": Fault(
        conditions, "_crowd_refusal", lambda _: lambda *_: None, WaitingMachine
    ),
    "price protection protects from nothing": Fault(
        Market,
        "calm",
        lambda _: property(lambda _: True),
        on_triggers.test_protection_ends_exactly_at_the_threshold,
    ),
    "countdowns end a millisecond late": Fault(Countdowns, "due", later, WaitingMachine),
}
WITNESSES = {fault.witness for fault in FAULTS.values() if not isinstance(fault.witness, type)}


@pytest.fixture
def testify(make_stage, make_listing):
    """Run a witness, a machine or a test on a stage of its own; return what it objects to."""
    listings = rules_of(make_listing)

    def run(witness):
        if not isinstance(witness, type):
            witness(make_stage(make_listing(), make_listing(symbol="BBB")))
            return

        class Machine(witness):
            stage_of = staticmethod(lambda: make_stage(*listings))
            reached: ClassVar = Counter()

        put_through(Machine)

    def objection(witness):
        try:
            run(witness)
        except CAUGHT as error:
            return error
        return None

    return objection


@pytest.mark.parametrize("witness", sorted(WITNESSES, key=lambda witness: witness.__name__))
def test_a_witness_is_content_without_a_fault(testify, witness):
    assert testify(witness) is None


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_caught(testify, monkeypatch, name):
    fault = FAULTS[name]
    original = vars(fault.place)[fault.name]
    monkeypatch.setattr(fault.place, fault.name, fault.patch(original))
    assert testify(fault.witness) is not None
