"""Leverage, margin mode, position mode: what is kept, what is refused."""

from __future__ import annotations

import pytest

from conformance.model.commands import SetLeverage, SetMarginMode, SetPositionMode
from conformance.model.events import LeverageChanged, MarginModeChanged, PositionModeChanged
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
CROSS, ISOLATED = MarginMode.CROSS, MarginMode.ISOLATED


def test_leverage_starts_at_20_or_what_the_listing_allows(make_stage, make_listing):
    low = make_listing(symbol="LOW", tiers=make_listing().tiers[2:])
    stage = make_stage(make_listing(), low)
    assert stage.engine.leverage("a", "AAA") == 20
    assert stage.engine.leverage("a", "LOW") == 5


def test_leverage_is_kept_per_account_and_symbol(stage):
    assert stage.leverage("a", 7) == (LeverageChanged("a", "AAA", 7),)
    assert stage.engine.leverage("a", "AAA") == 7
    assert stage.engine.leverage("a", "BBB") == 20
    assert stage.engine.leverage("b", "AAA") == 20
    assert stage.position("a").max_notional == 100_000


def test_the_same_leverage_again_is_no_refusal_and_no_event(stage):
    assert stage.leverage("a", 20) == ()


@pytest.mark.parametrize("leverage", [0, -1, 51])
def test_leverage_stays_between_one_and_the_first_tier(stage, reason, leverage):
    assert reason(stage.leverage("a", leverage)) is Reason.LEVERAGE_INVALID
    assert stage.engine.leverage("a", "AAA") == 20


def test_leverage_may_not_outgrow_position_and_orders(stage, reason):
    stage.rest("a", BUY, 101, 100)
    assert reason(stage.leverage("a", 21)) is Reason.LEVERAGE_CAP_EXCEEDED
    stage.cancel_all("a")
    stage.leverage("a", 50)


def test_lowering_leverage_needs_margin(stage, reason):
    stage.deposit("poor", 100)
    stage.rest("poor", BUY, 10, 100)
    assert reason(stage.leverage("poor", 9)) is Reason.LEVERAGE_MARGIN_INSUFFICIENT
    stage.leverage("poor", 10)
    assert stage.balance("poor").available == 0
    stage.leverage("poor", 40)
    assert stage.balance("poor").available == 75


def test_leverage_rescales_the_position_margin(stage):
    stage.trade("a", "b", 10, 100)
    assert stage.position("a").position_initial_margin == 50
    stage.leverage("a", 4)
    assert stage.position("a").position_initial_margin == 250
    assert stage.balance("a").position_initial_margin == 250


def test_an_isolated_position_keeps_its_leverage_from_falling(stage, reason):
    stage.margin_mode("a", ISOLATED)
    stage.trade("a", "b", 10, 100)
    assert reason(stage.leverage("a", 10)) is Reason.LEVERAGE_DECREASE_ISOLATED
    assert stage.leverage("a", 25)[0] == LeverageChanged("a", "AAA", 25)


def test_isolated_leverage_may_fall_while_flat(stage):
    stage.margin_mode("a", ISOLATED)
    stage.leverage("a", 10)
    assert stage.engine.leverage("a", "AAA") == 10


def test_margin_mode_is_kept_per_symbol(stage):
    assert stage.margin_mode("a", ISOLATED) == (MarginModeChanged("a", "AAA", ISOLATED),)
    assert stage.engine.margin_mode("a", "AAA") is ISOLATED
    assert stage.engine.margin_mode("a", "BBB") is CROSS
    assert stage.position("a").margin_mode is ISOLATED


def test_margin_mode_refuses_the_same_then_orders_then_a_position(stage, reason):
    assert reason(stage.margin_mode("a", CROSS)) is Reason.MARGIN_MODE_UNCHANGED
    stage.trade("a", "b", 10, 100)
    stage.rest("a", BUY, 1, 90)
    assert reason(stage.margin_mode("a", ISOLATED)) is Reason.MARGIN_MODE_OPEN_ORDERS
    stage.cancel_all("a")
    assert reason(stage.margin_mode("a", ISOLATED)) is Reason.MARGIN_MODE_POSITION


def test_position_mode_is_kept_per_account(stage):
    assert stage.hedge("a") == (PositionModeChanged("a", hedge=True),)
    assert stage.engine.hedge("a")
    assert not stage.engine.hedge("b")
    sides = [row.position_side for row in stage.engine.positions("a")]
    assert sides == [PositionSide.LONG, PositionSide.SHORT] * 2


def test_position_mode_refuses_the_same_then_orders_then_positions(stage, reason):
    assert reason(stage.hedge("a", hedge=False)) is Reason.POSITION_MODE_UNCHANGED
    stage.trade("a", "b", 10, 100)
    stage.rest("a", BUY, 1, 90, symbol="BBB")
    assert reason(stage.hedge("a")) is Reason.POSITION_MODE_OPEN_ORDERS
    stage.cancel_all("a", "BBB")
    assert reason(stage.hedge("a")) is Reason.POSITION_MODE_POSITION
    stage.trade("b", "a", 10, 100)
    stage.hedge("a")


def test_preferences_belong_to_somebody_and_something(stage, reason):
    for command in (
        SetLeverage("nobody", "AAA", 5),
        SetMarginMode("nobody", "AAA", ISOLATED),
        SetPositionMode("nobody", hedge=True),
    ):
        assert reason(stage.apply(command)) is Reason.UNKNOWN_ACCOUNT
    for command in (SetLeverage("a", "XYZ", 5), SetMarginMode("a", "XYZ", ISOLATED)):
        assert reason(stage.apply(command)) is Reason.UNKNOWN_SYMBOL
