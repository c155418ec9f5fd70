"""Joint margin: several assets bear one account's positions (Multi-Assets Mode, USD-M, 2026-11)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.exchange import Collateral, Rules
from conformance.model.commands import SetIndex, SetJointMargin
from conformance.model.events import (
    BalanceChanged,
    Cause,
    JointMarginChanged,
    LiquidationStarted,
    MarginGroup,
)
from conformance.model.ids import INSURANCE
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
NET = PositionSide.NET
UNIT = 10**8
RULES = Rules(
    collateral={"USDT": Collateral(Decimal(1)), "BTC": Collateral(Decimal("0.9"), "BTCUSDT")}
)


@pytest.fixture
def pooled(make_stage, make_listing):
    """Let poor own 10 USDT and 2 BTC at 100, of which 180 count."""
    listings = (make_listing(), make_listing(symbol="BTCUSDT"))
    stage = make_stage(*listings, rules=RULES)
    stage.deposit("poor", 10)
    stage.deposit("poor", 2, "BTC")
    return stage


def join(stage, account="poor", *, joint=True):
    return stage.apply(SetJointMargin(account, joint))


def index(stage, price):
    return stage.apply(SetIndex("BTCUSDT", int(Decimal(str(price)) * UNIT)))


def paid(events, cause):
    moves = [e for e in events if isinstance(e, BalanceChanged) and e.cause is cause]
    return {(e.account, e.asset): e.change for e in moves}


def test_joint_margin_is_kept_per_account(pooled):
    assert not pooled.engine.joint("poor")
    assert join(pooled) == (JointMarginChanged("poor", joint=True),)
    assert pooled.engine.joint("poor")
    assert not pooled.engine.joint("a")
    join(pooled, joint=False)
    assert not pooled.engine.joint("poor")


def test_every_asset_counts_after_its_haircut(pooled, reason):
    assert reason(pooled.buy("poor", 10, 100)) is Reason.MARGIN_INSUFFICIENT
    join(pooled)
    assert pooled.balance("poor").available == 190
    assert pooled.balance("poor", "BTC").available == Decimal("1.9")
    pooled.rest("poor", BUY, 38, 100)
    assert pooled.balance("poor").available == 0
    assert reason(pooled.buy("poor", 1, 100)) is Reason.MARGIN_INSUFFICIENT


def test_the_index_moves_what_an_asset_counts(pooled):
    join(pooled)
    index(pooled, 50)
    assert pooled.balance("poor").available == 100


def test_an_asset_deposited_later_counts_too(pooled):
    pooled.deposit("late", 10)
    join(pooled, "late")
    pooled.deposit("late", 1, "BTC")
    pooled.deposit("late", 7, "BNB")
    assert pooled.balance("late").available == 100
    assert pooled.balance("late", "BNB").available == 7


def test_one_asset_may_be_owed_while_the_others_bear_it(pooled):
    join(pooled)
    pooled.trade("poor", "b", 10, 100)
    pooled.mark(95)
    pooled.rest("c", BUY, 10, 95)
    events = pooled.sell("poor", 10, 95)
    # 10 less fees of 1 and 1.9 less a loss of 50
    assert pooled.balance("poor").wallet == Decimal("-42.9")
    assert not any(isinstance(event, LiquidationStarted) for event in events)
    assert pooled.balance("poor").available == 180 - Decimal("42.9")


def test_it_is_liquidated_when_the_joint_balance_is_used_up(pooled):
    join(pooled)
    pooled.trade("poor", "b", 30, 100)
    # 187 less the loss against one percent
    assert not any(isinstance(e, LiquidationStarted) for e in pooled.mark(95))
    events = pooled.mark("94.7")
    started = [event for event in events if isinstance(event, LiquidationStarted)]
    assert started[0].group == MarginGroup("poor", "")
    assert (started[0].balance, started[0].maintenance) == (2_800_000_000, 2_841_000_000)
    assert pooled.lots("poor") == 0
    # bankrupt at 93.77: deleveraged at 94, so 180 of USDT are lost and 173 owed
    exchanged = paid(events, Cause.AUTO_EXCHANGE)
    assert exchanged["poor", "USDT"] == -exchanged[INSURANCE, "USDT"] > 0
    assert exchanged["poor", "BTC"] == -exchanged[INSURANCE, "BTC"] < 0
    for asset in ("USDT", "BTC"):
        assert pooled.balance("poor", asset).wallet >= 0
        assert pooled.engine.ledger_sum(asset) == 0


def test_a_falling_asset_alone_may_cause_it(pooled):
    join(pooled)
    pooled.trade("poor", "b", 30, 100)
    assert not any(isinstance(e, LiquidationStarted) for e in index(pooled, 90))
    events = index(pooled, 10)
    assert any(isinstance(event, LiquidationStarted) for event in events)
    assert not pooled.apply(SetIndex("AAA", UNIT))[1:]


def test_what_the_fund_took_over_is_paid_with_whatever_there_is(pooled):
    join(pooled)
    pooled.trade("poor", "b", 30, 100)
    index(pooled, 40)
    pooled.deposit(INSURANCE, 1_000)
    events = pooled.mark(85)
    assert pooled.lots(INSURANCE) == 30
    assert all(row.wallet >= 0 for row in pooled.engine.balances("poor"))
    assert paid(events, Cause.AUTO_EXCHANGE)[INSURANCE, "BTC"] > 0


def test_a_debt_beyond_all_assets_is_cleared_by_the_fund(pooled):
    join(pooled)
    pooled.trade("poor", "b", 30, 100)
    pooled.rest("c", BUY, 30, 91)
    events = pooled.sell("poor", 30, 91)
    # 270 lost and 8.46 of fees against 10 and 180
    assert (INSURANCE, "USDT") in paid(events, Cause.INSURANCE_CLEAR)
    assert pooled.balance("poor").wallet == 0
    assert pooled.balance("poor", "BTC").wallet == 0
    assert pooled.engine.ledger_sum("USDT") == pooled.engine.ledger_sum("BTC") == 0


def test_withdrawing_leaves_what_the_others_need(pooled, reason):
    join(pooled)
    pooled.rest("poor", BUY, 36, 100)
    assert reason(pooled.deposit("poor", -11)) is Reason.BALANCE_INSUFFICIENT
    pooled.deposit("poor", -10)
    assert pooled.balance("poor").available == 0


def test_joint_margin_is_refused_with_its_reason(pooled, reason):
    assert reason(join(pooled, "nobody")) is Reason.UNKNOWN_ACCOUNT
    assert reason(join(pooled, joint=False)) is Reason.JOINT_UNCHANGED
    pooled.margin_mode("poor", MarginMode.ISOLATED)
    assert reason(join(pooled)) is Reason.JOINT_ISOLATED
    pooled.margin_mode("poor", MarginMode.CROSS)
    order = pooled.rest("poor", BUY, 1, 60)
    assert reason(join(pooled)) is Reason.JOINT_OPEN_ORDERS
    pooled.cancel(order)
    join(pooled)
    assert reason(join(pooled)) is Reason.JOINT_UNCHANGED
    refused = pooled.margin_mode("poor", MarginMode.ISOLATED)
    assert reason(refused) is Reason.MARGIN_MODE_JOINT


def test_leaving_needs_every_asset_to_bear_its_own(pooled, reason):
    join(pooled)
    pooled.trade("poor", "b", 30, 100)
    assert reason(join(pooled, joint=False)) is Reason.JOINT_MARGIN_INSUFFICIENT
    pooled.rest("b", BUY, 30, 97)
    pooled.sell("poor", 30, 97)
    assert reason(join(pooled, joint=False)) is Reason.JOINT_NEGATIVE_BALANCE
    pooled.deposit("poor", 100)
    join(pooled, joint=False)


def test_joining_needs_the_haircut_to_leave_enough(make_stage, make_listing, reason):
    rules = Rules(collateral={"USDT": Collateral(Decimal("0.5"))})
    stage = make_stage(make_listing(), rules=rules)
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    assert reason(join(stage)) is Reason.JOINT_MARGIN_INSUFFICIENT


def test_the_mode_stands_while_margin_is_liquidated(make_stage, make_listing, reason):
    stage = make_stage(make_listing(), rules=Rules(liquidation_ms=500))
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    stage.mark(95)
    assert reason(join(stage)) is Reason.LIQUIDATING
