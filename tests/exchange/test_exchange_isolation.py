"""Isolated margin: what a leg owns, what comes back, what its owner may move.

Rules: Modify Isolated Position Margin and Change Initial Leverage, developers.binance.com, 2026-11.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import MoveMargin
from conformance.model.events import Cause, MarginMoved, PositionChanged
from conformance.model.orders import MarginMode, PositionSide, Side
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
NET, LONG, SHORT = PositionSide
UNIT = 10**8


@pytest.fixture
def alone(stage):
    """Let account a hold 10 at 100, isolated: 50 bound, 1 paid."""
    stage.margin_mode("a", MarginMode.ISOLATED)
    stage.trade("a", "b", 10, 100)
    return stage


def move(stage, amount, *, take=False, account="a", side=NET):
    return stage.apply(MoveMargin(account, "AAA", side, int(Decimal(amount) * UNIT), take))


def wallets(stage, account="a"):
    balance = stage.balance(account)
    return stage.position(account).isolated_wallet, balance.cross_wallet, balance.wallet


def test_opening_binds_initial_margin_and_pays_the_fee_from_it(alone):
    assert wallets(alone) == (49, 99_950, 99_999)


def test_the_bare_counts_of_a_leg_say_what_its_record_says(alone):
    stake = alone.engine.stake("a", "AAA", NET)
    assert stake == (10, 1_000 * UNIT, 1 * UNIT, 0, 49 * UNIT, MarginMode.ISOLATED)
    assert alone.engine.isolated("a", "USDT") == 49 * UNIT
    assert alone.engine.isolated("b", "USDT") == 0
    alone.mark(110)
    assert alone.position("a").isolated_margin == 149
    balance = alone.balance("a")
    assert (balance.unrealised, balance.cross_unrealised) == (100, 0)
    assert balance.available == 99_950


def test_the_part_closed_takes_its_share_and_its_profit_back(alone):
    alone.trade("b", "a", 4, 110)
    # share 19.6, profit 40, taker's fee 0.88
    assert wallets(alone) == (Decimal("29.4"), 99_950 + Decimal("58.72"), Decimal("100038.12"))


def test_a_loss_is_paid_from_the_share_of_the_part_closed(alone):
    alone.trade("b", "a", 5, 97)
    # share 24.5, loss 15, fee 0.97
    assert wallets(alone)[:2] == (Decimal("24.5"), 99_950 + Decimal("8.53"))


def test_a_loss_beyond_the_share_is_borne_by_the_rest_of_the_leg(alone):
    alone.trade("b", "a", 5, 95)
    # share 24.5, loss 25, fee 0.95
    assert wallets(alone)[:2] == (Decimal("23.05"), 99_950)


def test_closing_all_gives_everything_back(alone):
    alone.trade("b", "a", 10, 110)
    assert wallets(alone)[0] == 0
    assert alone.balance("a").cross_wallet == alone.balance("a").wallet


def test_flipping_binds_anew(alone):
    alone.trade("b", "a", 15, 100)
    # the five short ones: 25 bound, 1 of the taker's fee of 3 is theirs
    assert wallets(alone) == (24, 99_972, 99_996)


def test_each_leg_of_a_hedge_keeps_its_own(stage):
    stage.margin_mode("a", MarginMode.ISOLATED)
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    stage.rest("b", BUY, 4, 100)
    stage.sell("a", 4, 100, position_side=SHORT)
    assert stage.position("a", LONG).isolated_wallet == 49
    assert stage.position("a", SHORT).isolated_wallet == Decimal("19.2")
    move(stage, 5, side=SHORT)
    assert stage.position("a", LONG).isolated_wallet == 49
    assert stage.position("a", SHORT).isolated_wallet == Decimal("24.2")


def test_margin_moves_in_and_out(alone):
    alone.now = 2_000
    events = move(alone, 30)
    assert events == (
        MarginMoved("a", "AAA", NET, 30 * UNIT, 79 * UNIT),
        PositionChanged("a", "AAA", NET, Cause.MARGIN_MOVED, 10, 1_000 * UNIT, 0),
    )
    assert wallets(alone) == (79, 99_920, 99_999)
    assert alone.position("a").updated_ms == 2_000
    assert move(alone, 29, take=True)[0] == MarginMoved("a", "AAA", NET, -29 * UNIT, 50 * UNIT)
    assert wallets(alone) == (50, 99_949, 99_999)


def test_more_margin_moves_the_liquidation_price_away(alone):
    before = alone.position("a").liquidation_price
    move(alone, 30)
    # 30 more over 10 lots, of which one percent is maintenance
    moved = Decimal(30) / (10 * Decimal("0.99"))
    assert abs(before - alone.position("a").liquidation_price - moved) < Decimal("1e-7")


def test_moving_margin_is_refused_with_its_reason(alone, reason):
    assert reason(move(alone, 1, account="b")) is Reason.MARGIN_NOT_ISOLATED
    alone.margin_mode("c", MarginMode.ISOLATED)
    assert reason(move(alone, 1, account="c")) is Reason.MARGIN_NO_POSITION
    assert reason(move(alone, 0)) is Reason.MARGIN_AMOUNT_NOT_POSITIVE
    assert reason(move(alone, "99950.01")) is Reason.MARGIN_CROSS_INSUFFICIENT
    assert reason(move(alone, 1, account="nobody")) is Reason.UNKNOWN_ACCOUNT


def test_what_bears_loss_and_initial_margin_stays(alone, reason):
    move(alone, 100)
    alone.mark(98)
    # 149 less a loss of 20 less initial margin of 49
    assert reason(move(alone, "80.01", take=True)) is Reason.MARGIN_ISOLATED_INSUFFICIENT
    move(alone, 80, take=True)
    assert wallets(alone)[0] == 69


def test_profit_does_not_let_more_out(alone, reason):
    move(alone, 100)
    alone.mark(120)
    # 149 less initial margin of 60: unrealised profit stays
    assert reason(move(alone, "89.01", take=True)) is Reason.MARGIN_ISOLATED_INSUFFICIENT


def test_a_higher_leverage_gives_back_what_it_no_longer_binds(alone):
    move(alone, 10)
    events = alone.leverage("a", 40)
    assert events[1:] == (
        MarginMoved("a", "AAA", NET, -25 * UNIT, 34 * UNIT),
        PositionChanged("a", "AAA", NET, Cause.MARGIN_MOVED, 10, 1_000 * UNIT, 0),
    )
    assert wallets(alone) == (34, 99_965, 99_999)


def test_a_higher_leverage_gives_nothing_back_that_a_loss_needs(alone):
    alone.mark(98)
    alone.leverage("a", 25)
    # 49 less a loss of 20 less initial margin of 39.2 leaves nothing to give
    assert wallets(alone)[0] == 49


def test_a_cross_position_gives_nothing_back(stage):
    stage.trade("a", "b", 10, 100)
    assert len(stage.leverage("a", 40)) == 1
    assert stage.position("a").isolated_margin == 0


def test_no_more_is_set_aside_than_there_is(stage):
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100, symbol="AAA")
    stage.mark(140)
    stage.margin_mode("poor", MarginMode.ISOLATED, "BBB")
    # admitted by the profit of 400 in AAA, of which nothing can be set aside
    resting = stage.rest("poor", BUY, 40, 100, symbol="BBB")
    stage.sell("b", 40, 100, symbol="BBB")
    assert resting.filled == 40
    assert stage.position("poor", symbol="BBB").isolated_wallet == 59 - 4
    assert stage.balance("poor").cross_wallet == 0
    assert stage.lots("poor") == 10
