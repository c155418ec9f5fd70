"""Liquidation: when it strikes, what it cancels, who takes the position, who pays.

Flow and formulas: Liquidation Protocols and How to Calculate Liquidation Price, USD-M FAQ, 2026-11.
Most scenes: "poor" deposits 60, buys 10 at 100 (fee 1), so that his bankruptcy is at 94.1.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.exchange import Rules
from conformance.model.commands import MoveMargin, PlaceConditional
from conformance.model.events import (
    AdlStruck,
    BalanceChanged,
    Cause,
    ConditionalAccepted,
    ConditionalExpired,
    LiquidationFinished,
    LiquidationStarted,
    MarginCalled,
    MarginGroup,
    OrderAccepted,
    OrderExpired,
    OrderFilled,
    PositionTakenOver,
    TradePrinted,
)
from conformance.model.ids import INSURANCE
from conformance.model.instruments import Phase, Tier
from conformance.model.orders import Forced, Kind, MarginMode, PositionSide, Side, Status
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
NET, LONG, SHORT = PositionSide
UNIT = 10**8
CROSS = MarginGroup("poor", "USDT")


def only(events, kind):
    return [event for event in events if isinstance(event, kind)]


def paid(events, cause):
    return {e.account: e.change for e in only(events, BalanceChanged) if e.cause is cause}


@pytest.fixture
def scene(stage):
    """Let poor hold 10 long at 100 with 59 in the wallet; b is short."""
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    return stage


def test_margin_is_called_once_before_it_is_used_up(scene):
    # 59 - 46 = 13 against 9.54: below the ratio of 0.8; then 11.8 against 9.528 is above
    assert not only(scene.mark("95.4"), MarginCalled)
    events = scene.mark("95.28")
    balance, maintenance = 1_180_000_000, 952_800_000
    assert only(events, MarginCalled) == [MarginCalled(CROSS, balance, maintenance)]
    assert not only(scene.mark("95.27"), MarginCalled)
    scene.mark(99)
    assert only(scene.mark("95.28"), MarginCalled)


def test_it_strikes_when_the_balance_does_not_exceed_maintenance(scene):
    price = scene.position("poor").liquidation_price
    # (59 - 1000) / (10 x 0.01 - 10)
    assert price == Decimal("95.05050505")
    assert not only(scene.mark(price + Decimal("0.00000001")), LiquidationStarted)
    started = only(scene.mark(price), LiquidationStarted)
    assert [event.group for event in started] == [CROSS]
    assert started[0].balance <= started[0].maintenance


def test_open_orders_expire_first_in_every_cross_symbol(scene):
    orders = [scene.rest("poor", BUY, 1, 60, symbol=name) for name in ("AAA", "BBB")]
    events = scene.mark(95)
    expired = only(events, OrderExpired)
    assert [(e.order, e.cause) for e in expired] == [(o, Cause.LIQUIDATION) for o in orders]
    assert events.index(expired[-1]) < events.index(only(events, OrderAccepted)[0])
    assert isinstance(events[1], LiquidationStarted)


def test_waiting_conditional_orders_of_the_group_expire_too(scene):
    scene.margin_mode("poor", MarginMode.ISOLATED, "BBB")
    for account, symbol in (("poor", "AAA"), ("poor", "BBB"), ("b", "AAA")):
        stop = PlaceConditional(
            account, symbol, BUY, Kind.STOP_MARKET, 1, f"{account}{symbol}", trigger=120
        )
        assert isinstance(scene.apply(stop)[0], ConditionalAccepted)
    expired = only(scene.mark(95), ConditionalExpired)
    assert [(e.conditional.command.client_id, e.cause) for e in expired] == [
        ("poorAAA", Cause.LIQUIDATION)
    ]


def test_it_closes_through_the_book_up_to_the_bankruptcy_price(scene):
    for price, lots in ((96, 4), (95, 6), (94, 50)):
        scene.rest("c", BUY, lots, price)
    events = scene.mark(95)
    order = only(events, OrderAccepted)[0].order
    # 59 over 10 lots: bankrupt at 94.1, in the account's favour 95
    assert (order.side, order.price, order.quantity) == (SELL, 95, 10)
    assert (order.forced, order.client_id) == (
        Forced.LIQUIDATION,
        f"liquidation-{order.order_id}",
    )
    assert [trade.trade.price for trade in only(events, TradePrinted)] == [96, 95]
    assert order.status is Status.FILLED
    assert scene.lots("poor") == 0
    assert scene.lots("c") == 10
    assert isinstance(events[-1], LiquidationFinished)
    assert scene.engine.ledger_sum("USDT") == 0


def test_no_commission_but_a_fee_on_what_was_closed_goes_to_the_fund(scene):
    scene.rest("c", BUY, 10, 96)
    events = scene.mark(95)
    # 1 % of 960; a wallet of 59 less a loss of 40 bears it
    assert paid(events, Cause.LIQUIDATION_FEE) == {"poor": -960_000_000, INSURANCE: 960_000_000}
    assert scene.engine.fills("poor")[-1].fee == 0
    assert scene.balance("poor").wallet == Decimal("9.4")
    assert scene.balance(INSURANCE).wallet == Decimal("9.6")


def test_the_fee_takes_no_more_than_is_left(scene):
    scene.rest("c", BUY, 10, 95)
    events = scene.mark(95)
    assert paid(events, Cause.LIQUIDATION_FEE)["poor"] == -9 * UNIT
    assert scene.balance("poor").wallet == 0


def test_the_fund_takes_what_the_book_does_not(scene):
    scene.deposit(INSURANCE, 1_000)
    scene.rest("c", BUY, 4, 95)
    events = scene.mark(95)
    assert only(events, PositionTakenOver) == [PositionTakenOver("poor", "AAA", NET, 6, 95)]
    assert scene.lots(INSURANCE) == 6
    assert scene.position(INSURANCE).entry_price == 95
    assert scene.lots("b") == -10
    assert len(only(events, TradePrinted)) == 1
    filled = only(events, OrderFilled)[-2:]
    assert [event.order.account for event in filled] == [INSURANCE, "poor"]
    assert scene.engine.ledger_sum("USDT") == 0


@pytest.mark.parametrize("funds", [None, 0, 1])
def test_without_a_fund_that_can_bear_it_counterparties_are_deleveraged(scene, funds):
    if funds is not None:
        scene.deposit(INSURANCE, funds)
    events = scene.mark(80)
    # bankrupt at 94.1, so the fund would lose 15 a lot
    assert only(events, AdlStruck) == [AdlStruck("b", "AAA", NET, -10, 95, "poor")]
    assert scene.lots("poor") == scene.lots("b") == 0
    order = only(events, OrderFilled)[0].order
    assert (order.account, order.forced, order.side) == ("b", Forced.DELEVERAGING, BUY)
    assert scene.balance("b").wallet == 100_000 - 2 + 50
    assert scene.engine.fills("b")[-1].fee == 0


def test_deleveraging_ends_with_the_position_that_it_closes(scene):
    scene.trade("a", "c", 5, 99)
    struck = only(scene.mark(95), AdlStruck)
    assert struck == [AdlStruck("b", "AAA", NET, -10, 95, "poor")]
    assert scene.lots("c") == -5


def test_a_venue_may_do_without_a_fund(make_stage, make_listing):
    stage = make_stage(make_listing(), rules=Rules(insured=False))
    stage.deposit(INSURANCE, 10_000)
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    assert only(stage.mark(95), AdlStruck)
    assert stage.lots(INSURANCE) == 0


def test_the_most_profitable_by_leverage_give_up_first(stage):
    stage.deposit("poor", 60)
    stage.leverage("c", 50)
    stage.trade("poor", "b", 6, 100)
    stage.trade("poor", "c", 4, 100)
    stage.trade("a", "b", 1, 99)
    quantiles = [stage.engine.adl_quantile(name, "AAA", NET) for name in "abc"]
    assert quantiles == [4, 2, 4]
    stage.mark(95)
    assert stage.lots("poor") == 0
    assert stage.lots("c") == 0
    assert stage.lots("b") == -1


def test_a_loss_weighs_less_the_higher_the_leverage(stage):
    stage.leverage("c", 50)
    stage.trade("a", "b", 1, 100)
    stage.trade("a", "c", 1, 100)
    stage.mark(101)
    assert [stage.engine.adl_quantile(name, "AAA", NET) for name in "bc"] == [2, 4]
    assert stage.engine.adl_quantile("b", "BBB", NET) == 0


def test_what_the_deleveraged_had_resting_to_close_is_knocked_out(scene):
    closer = scene.rest("b", BUY, 10, 80, reduce_only=True)
    events = scene.mark(95)
    assert OrderExpired(closer, Cause.REDUCE_ONLY_KNOCKED_OUT) in events


def test_the_own_other_leg_is_the_last_counterparty(stage):
    stage.deposit("poor", 200)
    stage.hedge("poor")
    stage.trade("poor", "b", 10, 100, position_side=LONG)
    stage.rest("b", BUY, 4, 100)
    stage.sell("poor", 4, 100, position_side=SHORT)
    # b is short 6 only: four of the ten find nobody but poor himself
    stage.mark(65)
    assert [row.lots for row in stage.engine.positions("poor")] == [0, 0, 0, 0]
    assert stage.lots("b") == 0
    assert stage.engine.ledger_sum("USDT") == 0
    assert stage.balance("poor").wallet >= 0


def test_a_gap_beyond_bankruptcy_leaves_nobody_below_zero(scene):
    scene.deposit(INSURANCE, 10_000)
    scene.mark(50)
    # taken over at 95 although it is worth 50
    assert scene.balance("poor").wallet == 0
    assert scene.position(INSURANCE).unrealised == -450
    assert scene.engine.ledger_sum("USDT") == 0


def test_a_debt_without_a_position_is_cleared_by_the_fund(scene):
    scene.mark(96)
    scene.rest("c", BUY, 10, 90)
    events = scene.sell("poor", 10, 90)
    # realised -100 and a fee of 1.8 against 59
    assert paid(events, Cause.INSURANCE_CLEAR) == {
        "poor": 4_280_000_000,
        INSURANCE: -4_280_000_000,
    }
    assert scene.balance("poor").wallet == 0
    assert scene.balance(INSURANCE).wallet == Decimal("-42.8")
    assert not only(events, LiquidationStarted)


def test_a_short_is_bought_back_below_its_bankruptcy_price(stage):
    stage.deposit("poor", 60)
    stage.trade("b", "poor", 10, 100)
    # paid 2 as taker: 58 left, bankrupt at 105.8
    events = stage.mark(105)
    order = only(events, OrderAccepted)[0].order
    assert (order.side, order.price) == (BUY, 105)
    assert stage.balance("poor").wallet >= 0


def test_an_account_with_profit_elsewhere_is_not_liquidated(scene):
    scene.rest("poor", SELL, 1, 100, symbol="BBB")
    scene.buy("b", 1, 100, symbol="BBB")
    scene.mark(90, "BBB")
    assert not only(scene.mark(95), LiquidationStarted)


def test_each_leg_is_closed_within_its_own_share(scene):
    scene.rest("poor", BUY, 1, 100, symbol="BBB")
    scene.sell("c", 1, 100, symbol="BBB")
    events = scene.mark("94.9")
    # balance 7.9 of which 9.49 / 10.49 belongs to AAA
    order = only(events, OrderAccepted)[0].order
    assert (order.symbol, order.price) == ("AAA", 95)
    closed = {event.order.symbol for event in only(events, OrderFilled)}
    assert closed >= {"AAA"}
    assert scene.balance("poor").wallet >= 0
    balance = scene.balance("poor")
    assert balance.margin_balance > balance.maintenance_margin or not balance.maintenance_margin


def test_isolated_legs_die_alone(stage):
    stage.deposit("poor", 1_000)
    stage.margin_mode("poor", MarginMode.ISOLATED)
    stage.trade("poor", "b", 10, 100)
    stage.rest("poor", BUY, 1, 60)
    other = stage.rest("poor", BUY, 1, 60, symbol="BBB")
    cross = stage.balance("poor").cross_wallet
    events = stage.mark(95)
    group = MarginGroup("poor", "USDT", "AAA", NET)
    assert only(events, LiquidationStarted)[0].group == group
    assert other.status is Status.OPEN
    assert len(only(events, OrderExpired)) == 1
    assert stage.lots("poor") == 0
    assert stage.balance("poor").cross_wallet >= cross
    assert stage.position("poor").isolated_wallet == 0


def test_a_debt_of_an_isolated_leg_is_not_the_cross_wallets(stage):
    stage.deposit("poor", 1_000)
    stage.margin_mode("poor", MarginMode.ISOLATED)
    stage.trade("poor", "b", 10, 100)
    cross = stage.balance("poor").cross_wallet
    stage.rest("c", BUY, 10, 90)
    events = stage.sell("poor", 10, 90)
    # 49 set aside against a loss of 100 and a fee of 1.8
    assert paid(events, Cause.INSURANCE_CLEAR)["poor"] == 5_280_000_000
    assert stage.balance("poor").cross_wallet == cross == stage.balance("poor").wallet


def test_only_the_isolated_leg_in_trouble_loses_its_orders(stage):
    stage.deposit("poor", 1_000)
    stage.margin_mode("poor", MarginMode.ISOLATED)
    stage.hedge("poor")
    stage.trade("poor", "b", 10, 100, position_side=LONG)
    kept = stage.rest("poor", SELL, 1, 140, position_side=SHORT)
    gone = stage.rest("poor", SELL, 1, 140, position_side=LONG)
    stage.mark(95)
    assert (kept.status, gone.status) == (Status.OPEN, Status.EXPIRED)


STEPPED = (
    Tier(Decimal(0), Decimal(10_000), 50, Decimal("0.01"), Decimal(0)),
    Tier(Decimal(10_000), Decimal(10**6), 20, Decimal("0.05"), Decimal(400)),
)


@pytest.fixture
def rich(make_stage, make_listing):
    """Let whale hold 200 at 100 (20,000: the second tier) with 1,000 in the wallet."""

    def make(mode=MarginMode.CROSS, **rules):
        stage = make_stage(make_listing(tiers=STEPPED), rules=Rules(**rules))
        stage.deposit("whale", "1020")
        stage.margin_mode("whale", mode)
        stage.trade("whale", "b", 200, 100)
        stage.rest("c", BUY, 500, 97)
        return stage

    return make


def test_a_large_position_is_first_reduced_to_the_tier_below(rich):
    stage = rich()
    events = stage.mark(98)
    # 19,600 x 5 % - 400 = 580 against 1000 - 400: still above; at 97.9 580 > 579
    assert not only(events, LiquidationStarted)
    events = stage.mark("97.8")
    order = only(events, OrderAccepted)[0].order
    # 102 x 97.8 = 9975.6 is the most below 10,000
    assert order.quantity == 98
    assert stage.lots("whale") == 102
    assert len(only(events, LiquidationStarted)) == 1
    assert isinstance(events[-1], LiquidationFinished)
    row = stage.balance("whale")
    assert row.margin_balance > row.maintenance_margin > 0


def test_what_is_left_lies_below_the_floor_of_the_tier(rich):
    orders = [event.order for event in only(rich().mark(80), OrderAccepted)]
    # 125 x 80 = 10,000 still belongs to the second tier
    assert [o.quantity for o in orders if o.account == "whale"] == [76, 124]


def test_a_venue_may_close_the_whole_at_once(rich):
    stage = rich(tiered=False)
    stage.mark("97.8")
    assert stage.lots("whale") == 0


def test_what_a_partly_liquidated_isolated_leg_keeps_stays_isolated(rich):
    stage = rich(MarginMode.ISOLATED)
    stage.apply(MoveMargin("whale", "AAA", NET, 20 * UNIT))
    cross = stage.balance("whale").cross_wallet
    stage.mark("97.8")
    assert stage.lots("whale") == 102
    assert stage.balance("whale").cross_wallet == cross
    row = stage.position("whale")
    assert row.isolated_margin > row.maintenance_margin


def test_while_it_takes_its_time_nobody_else_may_act(make_stage, make_listing, reason):
    rules = Rules(liquidation_ms=500)
    stage = make_stage(make_listing(), make_listing(symbol="BBB"), rules=rules)
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    order = stage.rest("poor", BUY, 1, 60)
    stage.rest("c", BUY, 10, 96)
    events = stage.mark(95)
    assert order.status is Status.EXPIRED
    assert not only(events, OrderAccepted)
    assert stage.engine.due() == stage.now + 500
    assert stage.engine.liquidating("poor", "AAA", NET)
    assert stage.engine.liquidating("poor", "BBB", NET)
    assert not stage.engine.liquidating("b", "AAA", NET)
    assert reason(stage.sell("poor", 1, 96)) is Reason.LIQUIDATING
    assert reason(stage.leverage("poor", 50)) is Reason.LIQUIDATING
    assert not only(stage.mark("94.9"), LiquidationStarted)
    stage.now += 500
    assert stage.lots("poor") == 10
    closing = stage.engine.advance(stage.now)
    assert only(closing, OrderFilled)
    assert stage.lots("poor") == 0
    finished = stage.engine.advance(stage.now + 500)
    assert only(finished, LiquidationFinished) == [LiquidationFinished(CROSS)]
    assert not stage.engine.liquidating("poor", "AAA", NET)
    assert stage.engine.due() is None


def test_a_deposit_in_time_ends_it(make_stage, make_listing):
    stage = make_stage(make_listing(), rules=Rules(liquidation_ms=500))
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    stage.mark(95)
    stage.deposit("poor", 100)
    events = stage.engine.advance(stage.now + 500)
    assert events == (LiquidationFinished(CROSS),)
    assert stage.lots("poor") == 10


def test_margin_cannot_be_moved_while_an_isolated_leg_is_liquidated(
    make_stage, make_listing, reason
):
    listings = (make_listing(), make_listing(symbol="BBB"))
    stage = make_stage(*listings, rules=Rules(liquidation_ms=500))
    stage.deposit("poor", 1_000)
    stage.margin_mode("poor", MarginMode.ISOLATED)
    stage.trade("poor", "b", 10, 100)
    stage.mark(95)
    move = MoveMargin("poor", "AAA", NET, UNIT)
    assert reason(stage.apply(move)) is Reason.LIQUIDATING
    assert reason(stage.sell("poor", 1, 100)) is Reason.LIQUIDATING
    stage.rest("poor", BUY, 1, 60, symbol="BBB")


def test_in_a_halt_the_book_stays_untouched(scene):
    resting = scene.rest("c", BUY, 10, 96)
    scene.phase(Phase.HALTED)
    events = scene.mark(95)
    assert only(events, AdlStruck)
    assert resting.filled == 0


def test_the_fund_itself_is_never_liquidated(scene):
    scene.deposit(INSURANCE, 900)
    scene.mark(94)
    assert scene.lots(INSURANCE) == 10
    events = scene.mark(1)
    assert scene.balance(INSURANCE).margin_balance < 0
    assert not only(events, LiquidationStarted)


def test_without_liquidation_margin_is_still_called(make_stage, make_listing):
    stage = make_stage(make_listing(), rules=Rules(liquidates=False))
    stage.deposit("poor", 60)
    stage.trade("poor", "b", 10, 100)
    assert only(stage.mark(80), MarginCalled)
    assert stage.lots("poor") == 10


def test_one_liquidation_may_cause_the_next(stage):
    """Who takes from a falling account may fall himself by the price he pays."""
    for name in ("poor", "next"):
        stage.deposit(name, 60)
        stage.trade(name, "b", 10, 100)
    events = stage.mark("95.05")
    groups = {event.group.account for event in only(events, LiquidationStarted)}
    assert groups == {"poor", "next"}
    assert stage.engine.ledger_sum("USDT") == 0


def test_a_mark_of_one_symbol_looks_at_its_holders_only(stage, monkeypatch):
    stage.trade("a", "b", 10, 100)
    touched = []
    leg = type(stage.engine._holding("a", "AAA").legs[NET])
    revalue = leg.revalue
    monkeypatch.setattr(leg, "revalue", lambda self: (touched.append(self), revalue(self)))
    stage.mark(101, "BBB")
    assert touched == []
    stage.mark(101)
    assert len(touched) == 2


@pytest.mark.parametrize(("side", "gap", "price"), [(BUY, 9_000, 95_239), (SELL, 11_000, 105_263)])
def test_coins_are_liquidated_at_their_bankruptcy_price(make_stage, make_listing, side, gap, price):
    tiers = (Tier(Decimal(0), Decimal(50), 20, Decimal("0.004"), Decimal(0)),)
    listing = make_listing(
        margin_asset="BTC",
        inverse=True,
        contract_size=Decimal(100),
        tick=Decimal("0.1"),
        min_notional=Decimal(0),
        maker_rate=Decimal(0),
        tiers=tiers,
        initial_price=Decimal(10_000),
    )
    stage = make_stage(listing)
    stage.deposit("b", 10, "BTC")
    stage.deposit("poor", "0.5", "BTC")
    stage.rest("poor", side, 1_000, 100_000)
    stage.place("b", side.opposite, 1_000, 100_000)
    events = stage.mark(gap)
    # 10 coins at 10,000 and half a coin to lose: worth 10.5 (long) or 9.5 (short) at bankruptcy
    order = only(events, OrderAccepted)[0].order
    assert order.price == price
    assert stage.lots("poor") == 0
    assert 0 <= stage.balance("poor", "BTC").wallet < Decimal("0.0001")
    assert stage.engine.ledger_sum("BTC") == 0
