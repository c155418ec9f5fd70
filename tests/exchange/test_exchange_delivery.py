"""The end of a symbol: phases, orders and positions, at its instant (USD-M FAQ, 2026-11)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import SetDelivery, SetIndex, SetSettlement
from conformance.model.events import (
    BalanceChanged,
    Cause,
    DeliverySet,
    OrderExpired,
    OrderFilled,
    PhaseChanged,
    SettlementSet,
    TradePrinted,
)
from conformance.model.instruments import Phase
from conformance.model.orders import Forced, MarginMode, PositionSide, Side, Status
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
UNIT = 10**8
EXPIRY = 1_000_000
EARLY = EXPIRY - 60_000


@pytest.fixture
def dated(make_stage, make_listing):
    """Let AAA expire; a holds 10 long at 100, b is short."""
    stage = make_stage(make_listing(expiry_ms=EXPIRY), make_listing(symbol="BBB"))
    stage.trade("a", "b", 10, 100)
    return stage


def phases(events):
    return [event.phase for event in events if isinstance(event, PhaseChanged)]


def test_a_dated_future_says_when_it_ends(dated):
    assert dated.engine.delivery("AAA") == EXPIRY
    assert dated.engine.delivery("BBB") is None
    assert dated.engine.due() == EARLY


def test_trading_stops_before_and_the_symbol_closes_after(dated, reason):
    order = dated.rest("c", BUY, 1, 90)
    assert phases(dated.engine.advance(EXPIRY - 1)) == [Phase.PRE_DELIVERY]
    dated.now = EXPIRY - 1
    assert reason(dated.buy("c", 1, 90)) is Reason.SYMBOL_NOT_TRADING
    assert order.status is Status.OPEN
    events = dated.engine.advance(EXPIRY)
    assert phases(events) == [Phase.DELIVERING, Phase.CLOSED]
    assert reason(dated.buy("c", 1, 90)) is Reason.SYMBOL_CLOSED
    assert dated.engine.due() is None
    assert dated.engine.delivery("AAA") is None


def test_open_orders_expire(dated):
    order = dated.rest("c", BUY, 1, 90)
    events = dated.engine.advance(EXPIRY)
    assert OrderExpired(order, Cause.DELISTED) in events
    assert (order.status, order.updated_ms) == (Status.EXPIRED, EXPIRY)
    assert dated.depth() == ([], [])


def test_positions_close_at_the_index_with_the_takers_fee(dated):
    dated.apply(SetIndex("AAA", 112 * UNIT))
    events = dated.engine.advance(EXPIRY)
    assert dated.lots("a") == dated.lots("b") == 0
    moves = [e for e in events if isinstance(e, BalanceChanged)]
    fee = Decimal("2.24")
    assert {e.account: e.change for e in moves} == {
        "a": int((120 - fee) * UNIT),
        "b": int((-120 - fee) * UNIT),
    }
    assert {e.cause for e in moves} == {Cause.DELIVERY}
    assert dated.engine.ledger_sum("USDT") == 0


def test_a_fixed_settlement_price_outranks_the_index(dated):
    assert dated.apply(SetSettlement("AAA", 105 * UNIT)) == (SettlementSet("AAA", 105 * UNIT),)
    dated.apply(SetIndex("AAA", 112 * UNIT))
    dated.engine.advance(EXPIRY)
    assert dated.engine.fills("a")[-1].realised == 50 * UNIT


@pytest.mark.parametrize(("price", "ticks"), [("105.49", 105), ("105.5", 106), ("0.2", 1)])
def test_the_settlement_price_is_the_nearest_tick(dated, price, ticks):
    dated.apply(SetSettlement("AAA", int(Decimal(price) * UNIT)))
    dated.engine.advance(EXPIRY)
    assert dated.engine.fills("a")[-1].price == ticks


def test_what_closes_a_position_is_a_forced_order_that_no_tape_shows(dated):
    printed = len(dated.engine.trades("AAA"))
    events = dated.engine.advance(EXPIRY)
    orders = [event.order for event in events if isinstance(event, OrderFilled)]
    assert [(o.account, o.side, o.quantity, o.status) for o in orders] == [
        ("a", SELL, 10, Status.FILLED),
        ("b", BUY, 10, Status.FILLED),
    ]
    assert {order.forced for order in orders} == {Forced.DELIVERY}
    assert orders[0].client_id == f"delivery-{orders[0].order_id}"
    assert not any(isinstance(event, TradePrinted) for event in events)
    assert len(dated.engine.trades("AAA")) == printed


def test_isolated_and_hedged_legs_are_delivered_too(make_stage, make_listing):
    stage = make_stage(make_listing(expiry_ms=EXPIRY))
    stage.hedge("a")
    stage.margin_mode("a", MarginMode.ISOLATED)
    stage.trade("a", "b", 10, 100, position_side=PositionSide.LONG)
    stage.rest("b", BUY, 4, 100)
    stage.sell("a", 4, 100, position_side=PositionSide.SHORT)
    stage.engine.advance(EXPIRY)
    rows = stage.engine.positions("a")
    assert [(row.lots, row.isolated_wallet) for row in rows] == [(0, 0), (0, 0)]
    assert stage.engine.ledger_sum("USDT") == 0


def test_coins_are_delivered_to_the_last_atom(make_stage, make_listing):
    listing = make_listing(
        margin_asset="BTC",
        inverse=True,
        contract_size=Decimal(100),
        min_notional=Decimal(0),
        expiry_ms=EXPIRY,
    )
    stage = make_stage(listing)
    for name in "abc":
        stage.deposit(name, 1_000, "BTC")
    stage.trade("a", "c", 7, 97)
    stage.trade("b", "c", 4, 103)
    stage.apply(SetSettlement("AAA", 101 * UNIT))
    stage.engine.advance(EXPIRY)
    assert stage.engine.ledger_sum("BTC") == 0
    assert stage.engine._state.ledger.transit("BTC").balance == 0


def test_a_perpetual_is_delisted_the_same_way(stage):
    stage.trade("a", "b", 10, 100)
    assert stage.apply(SetDelivery("AAA", EXPIRY)) == (DeliverySet("AAA", EXPIRY),)
    assert phases(stage.engine.advance(EARLY)) == [Phase.PRE_DELIVERY]
    assert phases(stage.engine.advance(EXPIRY)) == [Phase.DELIVERING, Phase.CLOSED]
    assert stage.lots("a") == 0
    assert stage.engine.phase("BBB") is Phase.TRADING


def test_a_delivery_at_short_notice_stops_trading_at_once(stage):
    events = stage.apply(SetDelivery("AAA", stage.now + 5))
    assert phases(events) == [Phase.PRE_DELIVERY]
    assert stage.engine.due() == stage.now + 5


def test_an_expiry_may_be_moved(dated):
    dated.apply(SetDelivery("AAA", 2 * EXPIRY))
    assert dated.engine.advance(EXPIRY) == ()
    assert dated.engine.due() == 2 * EXPIRY - 60_000


def test_a_halt_refuses_orders_and_lets_cancel_until_trading_resumes(stage, reason):
    order = stage.rest("a", BUY, 1, 90)
    stage.phase(Phase.HALTED)
    assert reason(stage.buy("a", 1, 90)) is Reason.SYMBOL_NOT_TRADING
    assert reason(stage.amend(order, 91, 1)) is Reason.SYMBOL_NOT_TRADING
    stage.cancel(order)
    stage.phase(Phase.TRADING)
    stage.rest("a", BUY, 1, 90)


def test_delivery_is_refused_with_its_reason(stage, reason):
    assert reason(stage.apply(SetDelivery("XYZ", EXPIRY))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SetDelivery("AAA", stage.now))) is Reason.DELIVERY_IN_THE_PAST
    assert reason(stage.apply(SetSettlement("XYZ", UNIT))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SetSettlement("AAA", 0))) is Reason.PRICE_NOT_POSITIVE
