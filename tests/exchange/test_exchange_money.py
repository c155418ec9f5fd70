"""Wallets, profit, fees and the figures derived from them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.errors import InvariantBroken
from conformance.exchange import Rules
from conformance.model.commands import Deposit
from conformance.model.events import BalanceChanged, Cause, PositionChanged
from conformance.model.instruments import Tier
from conformance.model.orders import PositionSide, Side
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
UNIT = 10**8


def test_a_deposit_makes_the_account(stage):
    assert "new" not in stage.engine.accounts()
    events = stage.deposit("new", 5)
    assert events == (BalanceChanged("new", "USDT", 5 * UNIT, 5 * UNIT, Cause.DEPOSIT),)
    assert stage.engine.accounts() == ("a", "b", "c", "new")
    balance = stage.balance("new")
    assert (balance.wallet, balance.available, balance.updated_ms) == (5, 5, 1_000)


def test_a_deposit_of_nothing_opens_an_empty_account(stage):
    stage.deposit("new", 0)
    assert stage.balance("new").wallet == 0


def test_any_asset_can_be_held(stage):
    stage.deposit("a", 3, "BNB")
    assert [row.asset for row in stage.engine.balances("a")] == ["USDT", "BNB"]
    assert stage.balance("a", "BNB").wallet == 3
    assert stage.engine.ledger_sum("BNB") == 0
    with pytest.raises(KeyError):
        stage.balance("b", "BNB")


def test_a_withdrawal_leaves_what_is_bound(stage, reason):
    stage.rest("a", BUY, 100, 100)
    assert reason(stage.deposit("a", "-99500.01")) is Reason.BALANCE_INSUFFICIENT
    events = stage.deposit("a", "-99500")
    assert events[0].cause is Cause.WITHDRAWAL
    assert (stage.balance("a").wallet, stage.balance("a").available) == (500, 0)


def test_unrealised_profit_cannot_be_withdrawn(stage, reason):
    stage.deposit("poor", 52)
    stage.trade("poor", "b", 10, 100)
    stage.mark(140)
    assert stage.balance("poor").available == 381
    assert reason(stage.deposit("poor", "-51.01")) is Reason.BALANCE_INSUFFICIENT
    stage.deposit("poor", -51)
    assert stage.balance("poor").wallet == 0


def test_nobody_withdraws_from_nothing(stage, reason):
    assert reason(stage.apply(Deposit("nobody", "USDT", -1))) is Reason.UNKNOWN_ACCOUNT
    assert reason(stage.apply(Deposit("a", "BNB", -1))) is Reason.BALANCE_INSUFFICIENT


def test_maker_and_taker_pay_their_own_rates(stage):
    events = stage.trade("a", "b", 10, 100)
    moves = {e.account: e.change for e in events if isinstance(e, BalanceChanged)}
    assert moves == {"a": -1 * UNIT, "b": -2 * UNIT}
    assert stage.engine.fills("a")[0].fee == 1 * UNIT
    assert stage.engine.fills("b")[0].fee == 2 * UNIT
    assert stage.engine.ledger_sum("USDT") == 0


def test_a_maker_may_be_paid_and_a_fee_of_nothing_moves_nothing(make_stage, make_listing):
    rebate = make_listing(maker_rate=Decimal("-0.0001"), taker_rate=Decimal(0))
    stage = make_stage(rebate)
    events = stage.trade("a", "b", 10, 100)
    moves = [(e.account, e.change) for e in events if isinstance(e, BalanceChanged)]
    assert moves == [("a", UNIT // 10)]
    assert stage.engine.ledger_sum("USDT") == 0


def test_the_entry_is_the_average_and_reducing_keeps_it(stage):
    stage.trade("a", "b", 10, 100)
    stage.trade("a", "b", 30, 104)
    assert stage.position("a").entry_price == 103
    stage.trade("b", "a", 15, 110)
    assert stage.position("a").entry_price == 103
    assert stage.engine.fills("a")[-1].realised == 15 * 7 * UNIT
    assert stage.position("a").accumulated_realised == 105


def test_a_short_profits_from_a_fall(stage):
    stage.trade("b", "a", 10, 100)
    stage.mark(95)
    position = stage.position("a")
    assert (position.lots, position.notional, position.unrealised) == (-10, -950, 50)
    stage.trade("a", "b", 4, 90)
    assert stage.engine.fills("a")[-1].realised == 40 * UNIT


def test_flipping_restarts_at_the_fill_price(stage):
    stage.trade("a", "b", 10, 100)
    events = stage.trade("b", "a", 15, 110)
    assert stage.engine.fills("a")[-1].realised == 100 * UNIT
    assert (stage.lots("a"), stage.position("a").entry_price) == (-5, 110)
    legs = [e for e in events if isinstance(e, PositionChanged) and e.account == "a"]
    assert (legs[-1].lots, legs[-1].cost, legs[-1].realised) == (-5, -550 * UNIT, 100 * UNIT)


def test_what_one_wins_the_other_loses(stage):
    stage.trade("a", "b", 7, 101)
    stage.trade("b", "c", 3, 97)
    stage.trade("c", "a", 7, 113)
    stage.mark("99.123")
    total = sum(row.unrealised for name in "abc" for row in stage.engine.positions(name))
    wallets = sum(stage.balance(name).wallet for name in "abc")
    fees = sum(fill.fee for name in "abc" for fill in stage.engine.fills(name))
    assert total + wallets + Decimal(fees).scaleb(-8) == 300_000
    assert stage.engine.ledger_sum("USDT") == 0


def test_cost_is_released_without_losing_an_atom(make_stage, make_listing):
    stage = make_stage(make_listing(tick=Decimal("0.00000001"), min_notional=Decimal(0)))
    stage.mark("0.00000007")
    stage.trade("a", "b", 3, 7)
    stage.trade("a", "b", 4, 6)
    for _ in range(7):
        stage.trade("b", "a", 1, 7)
    realised = [fill.realised for fill in stage.engine.fills("a")]
    assert sum(realised) == 7 * 7 - (3 * 7 + 4 * 6)
    assert stage.engine.ledger_sum("USDT") == 0


def test_break_even_earns_the_entry_fees_back(stage):
    stage.trade("a", "b", 10, 100)
    assert stage.position("a").break_even_price == Decimal("100.1")
    assert stage.position("b").break_even_price == Decimal("99.8")
    stage.trade("b", "a", 5, 100)
    assert stage.position("a").break_even_price == Decimal("100.1")
    stage.trade("b", "a", 10, 100)
    assert stage.position("a").break_even_price == Decimal("99.8")


def test_margin_figures_match_the_published_samples(make_stage, make_listing):
    # positionRisk v3 sample, developers.binance.com: 30 at 0.385, mark 0.41047590, 20x, 0.65 %
    tier = Tier(Decimal(0), Decimal(5000), 20, Decimal("0.0065"), Decimal(0))
    listing = make_listing(
        tick=Decimal("0.0001"),
        min_notional=Decimal(5),
        maker_rate=Decimal("0.0002"),
        tiers=(tier,),
        initial_price=Decimal("0.385"),
    )
    stage = make_stage(listing)
    stage.trade("a", "b", 30, 3850)
    stage.mark("0.41047590")
    position = stage.position("a")
    assert position.entry_price == Decimal("0.385")
    assert position.break_even_price == Decimal("0.385077")
    assert position.mark_price == Decimal("0.41047590")
    assert position.notional == Decimal("12.31427700")
    assert position.unrealised == Decimal("0.76427700")
    assert position.initial_margin == Decimal("0.61571385")
    assert position.maintenance_margin == Decimal("0.08004280")


def test_margin_is_truncated_as_in_the_published_sample(make_stage, make_listing):
    # the same page: -1 at mark 49.72023376, 20x, 1 %
    tier = Tier(Decimal(0), Decimal(5000), 20, Decimal("0.01"), Decimal(0))
    stage = make_stage(make_listing(tiers=(tier,), min_notional=Decimal(5)))
    stage.trade("b", "a", 1, 70)
    stage.mark("49.72023376")
    assert stage.position("a").initial_margin == Decimal("2.48601168")
    assert stage.position("a").maintenance_margin == Decimal("0.49720233")


def test_the_balance_adds_up_over_symbols(stage):
    stage.trade("a", "b", 10, 100)
    stage.rest("a", SELL, 4, 110, symbol="BBB")
    stage.mark(90)
    balance = stage.balance("a")
    assert balance.wallet == 99_999
    assert balance.unrealised == -100
    assert balance.position_initial_margin == 45
    assert balance.open_order_initial_margin == 22
    assert balance.initial_margin == 67
    assert balance.maintenance_margin == 9
    assert balance.margin_balance == 99_899
    assert balance.available == 99_999 - 100 - 45 - 22


def test_available_is_never_below_zero(make_stage, make_listing):
    stage = make_stage(make_listing(), rules=Rules(liquidates=False))
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    stage.mark(80)
    assert stage.balance("poor").available == 0
    assert stage.balance("poor").margin_balance == -141


def test_a_cross_position_has_no_isolated_figures(stage):
    stage.trade("a", "b", 10, 100)
    stage.mark(110)
    assert stage.position("a").isolated_margin == 0


def test_a_clearing_that_does_not_match_its_cost_stops_loudly(stage):
    stage.trade("a", "b", 10, 100)
    leg = stage.engine._holding("a", "AAA").legs[PositionSide.NET]
    leg.cost += 1
    with pytest.raises(InvariantBroken, match="does not match cost"):
        stage.trade("a", "b", 10, 100)


def test_a_long_leg_below_zero_stops_loudly(stage):
    stage.hedge("a")
    stage.trade("a", "b", 10, 100, position_side=LONG)
    order = stage.rest("a", SELL, 10, 100, position_side=LONG)
    order.quantity = 11
    with pytest.raises(InvariantBroken, match="a long leg of -1 lots"):
        stage.buy("b", 11, 100)


def test_an_order_that_rests_without_a_price_stops_loudly(stage):
    order = stage.rest("a", BUY, 10, 100)
    order.price = None
    with pytest.raises(InvariantBroken, match="rests without a price"):
        stage.cancel(order)
