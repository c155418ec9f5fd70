"""Funding: who pays, when, how much, and that nothing is lost.

Payment = position x mark x rate at the boundary; longs pay above zero (Funding Rates, USD-M FAQ,
2026-11).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import SetFunding, SetMark, SetPhase, SettleFunding
from conformance.model.events import (
    BalanceChanged,
    Cause,
    FundingCharged,
    FundingSet,
    PositionChanged,
)
from conformance.model.instruments import Phase
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.records import FundingRecord, FundingTerms
from conformance.model.refusals import Reason

NET, LONG, SHORT = PositionSide
UNIT = 10**8
HOUR = 3_600_000
RATE = 10_000
"""0.01 %"""


def change(events):
    return {e.account: e.change for e in events if isinstance(e, BalanceChanged)}


def test_without_a_rate_nothing_is_due(stage):
    assert stage.engine.due() is None
    assert stage.engine.funding("AAA") == FundingTerms(0, 8, None)
    assert stage.engine.fundings("AAA") == ()


@pytest.mark.parametrize(("hours", "boundary"), [(None, 8), (8, 8), (4, 4), (1, 1)])
def test_a_rate_is_charged_at_the_next_boundary(stage, hours, boundary):
    terms = FundingTerms(RATE, boundary, boundary * HOUR)
    assert stage.apply(SetFunding("AAA", RATE, hours)) == (FundingSet("AAA", terms),)
    assert stage.engine.funding("AAA") == terms
    assert stage.engine.due() == boundary * HOUR


def test_longs_pay_shorts_at_mark(stage):
    stage.trade("a", "b", 10, 100)
    stage.mark("101.5")
    stage.apply(SetFunding("AAA", RATE))
    assert stage.engine.advance(8 * HOUR - 1) == ()
    events = stage.engine.advance(8 * HOUR)
    record = FundingRecord("AAA", 8 * HOUR, RATE, 10_150_000_000, special=False)
    paid = 10_150_000
    assert events[0] == FundingCharged("a", "AAA", NET, -paid, record)
    assert events[1] == BalanceChanged("a", "USDT", 99_999 * UNIT - paid, -paid, Cause.FUNDING)
    assert change(events) == {"a": -paid, "b": paid}
    assert stage.engine.fundings("AAA") == (record,)
    assert stage.engine.due() == 16 * HOUR
    assert stage.engine.ledger_sum("USDT") == 0


def test_shorts_pay_longs_below_zero(stage):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetFunding("AAA", -RATE))
    assert change(stage.engine.advance(8 * HOUR)) == {"a": UNIT // 10, "b": -UNIT // 10}


def test_only_who_holds_at_the_instant_pays(stage):
    stage.apply(SetFunding("AAA", RATE))
    stage.trade("a", "b", 10, 100)
    stage.trade("c", "a", 10, 100)
    assert set(change(stage.engine.advance(8 * HOUR))) == {"b", "c"}
    stage.now = 8 * HOUR
    stage.trade("b", "c", 10, 100)
    assert stage.engine.advance(16 * HOUR) == ()
    assert len(stage.engine.fundings("AAA")) == 2


def test_every_boundary_that_was_slept_through_is_charged_at_its_own_instant(stage):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetFunding("AAA", RATE, 4))
    stage.apply(SetFunding("BBB", RATE, 1))
    stage.engine.advance(12 * HOUR)
    assert [row.at for row in stage.engine.fundings("AAA")] == [4 * HOUR, 8 * HOUR, 12 * HOUR]
    assert len(stage.engine.fundings("BBB")) == 12
    assert stage.balance("a").updated_ms == 12 * HOUR


def test_rate_and_interval_change_at_run_time(stage):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetFunding("AAA", RATE))
    stage.now = 2 * HOUR
    stage.apply(SetFunding("AAA", 3 * RATE, 1))
    assert change(stage.engine.advance(3 * HOUR))["a"] == -3 * UNIT // 10
    stage.now = 3 * HOUR
    stage.apply(SetFunding("AAA", RATE))
    assert stage.engine.funding("AAA") == FundingTerms(RATE, 1, 4 * HOUR)


def test_isolated_funding_comes_out_of_the_isolated_wallet(stage):
    stage.margin_mode("a", MarginMode.ISOLATED)
    stage.trade("a", "b", 10, 100)
    cross = stage.balance("a").cross_wallet
    stage.apply(SetFunding("AAA", 100 * RATE))
    events = stage.engine.advance(8 * HOUR)
    assert stage.position("a").isolated_wallet == 49 - 10
    assert stage.balance("a").cross_wallet == cross
    assert stage.balance("b").cross_wallet == 99_998 + 10
    legs = [event for event in events if isinstance(event, PositionChanged)]
    assert legs == [PositionChanged("a", "AAA", NET, Cause.FUNDING, 10, 1_000 * UNIT, 0)]


def test_both_legs_of_a_hedge_are_charged(stage):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    stage.rest("b", Side.BUY, 4, 100)
    stage.sell("a", 4, 100, position_side=SHORT)
    stage.apply(SetFunding("AAA", RATE))
    events = stage.engine.advance(8 * HOUR)
    legs = {e.position_side: e.amount for e in events if isinstance(e, FundingCharged)}
    assert legs == {LONG: -UNIT // 10, SHORT: 4 * UNIT // 100, NET: 6 * UNIT // 100}


def test_a_special_settlement_comes_on_top(stage):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetFunding("AAA", RATE))
    stage.now = 5 * HOUR
    events = stage.apply(SettleFunding("AAA", -2 * RATE))
    assert change(events) == {"a": 2 * UNIT // 10, "b": -2 * UNIT // 10}
    assert {e.cause for e in events if isinstance(e, BalanceChanged)} == {Cause.SPECIAL_FUNDING}
    assert stage.engine.fundings("AAA")[0].special
    assert stage.engine.funding("AAA").next_ms == 8 * HOUR
    assert change(stage.engine.advance(8 * HOUR))["a"] == -UNIT // 10


def test_a_rate_of_nothing_moves_nothing_and_is_recorded(stage):
    stage.trade("a", "b", 10, 100)
    stage.apply(SetFunding("AAA", 0))
    assert stage.engine.advance(8 * HOUR) == ()
    assert [row.rate for row in stage.engine.fundings("AAA")] == [0]


def test_what_truncation_leaves_over_is_kept_apart(make_stage, make_listing):
    stage = make_stage(make_listing(step=Decimal("0.00001"), min_notional=Decimal(0)))
    stage.trade("a", "c", 1, 100)
    stage.trade("b", "c", 2, 100)
    stage.apply(SetMark("AAA", 99_999_999_99))
    stage.apply(SettleFunding("AAA", 33_333_333))
    assert stage.engine.ledger_sum("USDT") == 0
    # longs pay 33333 and 66666, the short gets 99999 of an exact 99999.99…: all truncated
    notionals = [stage.position(name).notional for name in "abc"]
    exact = [int(value * UNIT * 33_333_333 / UNIT) for value in notionals]
    assert stage.engine._state.ledger.rounding("USDT").balance == sum(exact)


def test_the_published_formula_holds_in_coins(make_stage, make_listing):
    # COIN-M: contracts x size / mark x rate
    listing = make_listing(
        margin_asset="BTC", inverse=True, contract_size=Decimal(100), min_notional=Decimal(0)
    )
    stage = make_stage(listing)
    for name in "ab":
        stage.deposit(name, 1_000, "BTC")
    stage.trade("a", "b", 7, 100)
    stage.mark("103")
    events = stage.apply(SettleFunding("AAA", RATE))
    due = int(Decimal(700) / 103 * UNIT) * RATE // UNIT
    assert change(events) == {"a": -due, "b": due}


def test_a_closed_symbol_leaves_the_schedule(stage):
    stage.apply(SetFunding("AAA", RATE))
    stage.apply(SetPhase("AAA", Phase.CLOSED))
    assert stage.engine.advance(8 * HOUR) == ()
    assert stage.engine.due() is None
    assert stage.engine.fundings("AAA") == ()


def test_funding_is_refused_with_its_reason(make_stage, make_listing, reason):
    stage = make_stage(make_listing(), make_listing(symbol="DATED", expiry_ms=10**12))
    assert reason(stage.apply(SetFunding("XYZ", RATE))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SettleFunding("XYZ", RATE))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SetFunding("DATED", RATE))) is Reason.NOT_PERPETUAL
    assert reason(stage.apply(SettleFunding("DATED", RATE))) is Reason.NOT_PERPETUAL
    for hours in (-1, 5, 48):
        refused = stage.apply(SetFunding("AAA", RATE, hours))
        assert reason(refused) is Reason.FUNDING_INTERVAL_INVALID
