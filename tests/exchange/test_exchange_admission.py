"""What is refused, why, and which reason wins when there are several."""

from __future__ import annotations

import pytest

from conformance.model.commands import AmendOrder, CancelAll, CancelOrder, SetMark, SetPhase
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, PositionSide, Side, Status, TimeInForce
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
LONG, NET = PositionSide.LONG, PositionSide.NET


def test_unknown_accounts_come_before_unknown_symbols(stage, reason):
    assert reason(stage.buy("nobody", 1, 99, symbol="XYZ")) is Reason.UNKNOWN_ACCOUNT
    assert reason(stage.buy("a", 1, 99, symbol="XYZ")) is Reason.UNKNOWN_SYMBOL


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (Phase.PRE_LAUNCH, Reason.SYMBOL_NOT_TRADING),
        (Phase.HALTED, Reason.SYMBOL_NOT_TRADING),
        (Phase.PRE_DELIVERY, Reason.SYMBOL_NOT_TRADING),
        (Phase.DELIVERING, Reason.SYMBOL_NOT_TRADING),
        (Phase.UNKNOWN, Reason.SYMBOL_NOT_TRADING),
        (Phase.CLOSED, Reason.SYMBOL_CLOSED),
    ],
)
def test_only_a_trading_symbol_takes_orders(stage, reason, phase, expected):
    stage.phase(phase)
    assert stage.engine.phase("AAA") is phase
    assert reason(stage.buy("a", 1, 99)) is expected


def test_a_client_id_is_unique_among_open_orders_of_all_symbols(stage, reason):
    order = stage.rest("a", BUY, 1, 99, client_id="mine")
    assert reason(stage.buy("a", 1, 99, client_id="mine")) is Reason.DUPLICATE_CLIENT_ID
    again = stage.buy("a", 1, 99, client_id="mine", symbol="BBB")
    assert reason(again) is Reason.DUPLICATE_CLIENT_ID
    stage.rest("b", BUY, 1, 99, client_id="mine")
    stage.cancel(order)
    newer = stage.rest("a", BUY, 1, 99, client_id="mine")
    assert stage.engine.order("a", "AAA", client_id="mine") is newer
    assert stage.engine.order("a", "AAA", order_id=order.order_id) is order


def test_any_number_of_orders_may_go_without_a_client_id(stage):
    orders = [stage.rest("a", BUY, 1, 99, client_id="") for _ in range(2)]
    assert stage.engine.order("a", "AAA", client_id="") is None
    stage.cancel(orders[0])
    assert list(stage.engine.open_orders("a", "AAA")) == orders[1:]


@pytest.mark.parametrize(
    ("lots", "price", "expected"),
    [
        (0, 99, Reason.QUANTITY_NOT_POSITIVE),
        (-1, None, Reason.QUANTITY_NOT_POSITIVE),
        (1, 99, Reason.QUANTITY_BELOW_MIN),
        (1, None, Reason.QUANTITY_BELOW_MIN),
        (201, 99, Reason.QUANTITY_ABOVE_MAX),
        (101, None, Reason.QUANTITY_ABOVE_MAX),
        (9, 0, Reason.PRICE_NOT_POSITIVE),
        (9, -5, Reason.PRICE_NOT_POSITIVE),
        (9, 151, Reason.PRICE_ABOVE_BAND),
        (3, 66, Reason.NOTIONAL_BELOW_MIN),
    ],
)
def test_filters_refuse(make_stage, make_listing, reason, lots, price, expected):
    stage = make_stage(
        make_listing(min_lots=2, max_lots=200, market_max_lots=100, min_notional=200)
    )
    assert reason(stage.buy("a", lots, price)) is expected


def test_a_limit_order_without_a_price_fails_by_its_price(stage, reason):
    assert reason(stage.buy("a", 5, None, kind=Kind.LIMIT)) is Reason.PRICE_NOT_POSITIVE


def test_the_edges_of_the_filters_pass(make_stage, make_listing, kinds):
    listing = make_listing(min_lots=2, max_lots=200, market_max_lots=100, min_notional=200)
    stage = make_stage(listing)
    stage.leverage("a", 5)
    for lots, price in ((2, 100), (200, 50), (2, 150), (4, 50)):
        assert kinds(stage.buy("a", lots, price))[0] == "OrderAccepted"
    assert kinds(stage.buy("a", 100))[0] == "OrderAccepted"


def test_a_sell_may_not_be_too_cheap_but_may_be_dear(stage, reason, kinds):
    assert reason(stage.sell("a", 5, 49)) is Reason.PRICE_BELOW_BAND
    assert kinds(stage.sell("a", 5, 500))[0] == "OrderAccepted"


def test_the_band_follows_the_mark(stage, reason):
    stage.mark("100.5")
    stage.rest("a", BUY, 1, 150)
    assert reason(stage.buy("a", 1, 151)) is Reason.PRICE_ABOVE_BAND
    assert reason(stage.sell("a", 1, 50)) is Reason.PRICE_BELOW_BAND
    stage.mark(101)
    assert reason(stage.sell("a", 1, 50)) is Reason.PRICE_BELOW_BAND
    stage.rest("a", BUY, 1, 151)


def test_a_market_order_is_refused_when_the_counter_price_left_the_band(stage, reason):
    stage.rest("a", SELL, 1, 151)
    assert reason(stage.buy("b", 1)) is Reason.COUNTER_PRICE_OUT_OF_BAND


def test_a_market_order_has_its_notional_at_mark(stage, reason, kinds):
    stage.mark("49.99")
    assert reason(stage.buy("a", 1)) is Reason.NOTIONAL_BELOW_MIN
    stage.mark(50)
    assert kinds(stage.buy("a", 1))[0] == "OrderAccepted"


def test_only_orders_that_may_rest_count_against_the_open_ones(stage, reason, kinds):
    for price in range(90, 95):
        stage.rest("a", BUY, 1, price)
    assert reason(stage.buy("a", 1, 95)) is Reason.TOO_MANY_OPEN_ORDERS
    assert kinds(stage.buy("a", 1, 95, tif=TimeInForce.IOC))[0] == "OrderAccepted"
    assert kinds(stage.buy("a", 1))[0] == "OrderAccepted"
    stage.rest("a", BUY, 1, 95, symbol="BBB")


def test_exposure_may_not_outgrow_the_leverage(stage, reason):
    stage.leverage("a", 50)
    assert reason(stage.buy("a", 101, 100)) is Reason.LEVERAGE_CAP_EXCEEDED
    stage.rest("a", BUY, 100, 100)
    assert reason(stage.buy("a", 1, 100)) is Reason.LEVERAGE_CAP_EXCEEDED
    stage.rest("a", SELL, 100, 100, symbol="BBB")
    stage.leverage("b", 20)
    stage.rest("b", BUY, 101, 100)


def test_an_order_needs_its_initial_margin(stage, reason):
    stage.deposit("poor", 50)
    assert reason(stage.buy("poor", 11, 100)) is Reason.MARGIN_INSUFFICIENT
    stage.rest("poor", BUY, 10, 100)
    assert stage.balance("poor").available == 0
    assert reason(stage.buy("poor", 1, 100)) is Reason.MARGIN_INSUFFICIENT


def test_an_order_beyond_mark_needs_its_open_loss_too(stage, reason):
    # 10 x 110 / 20 = 55 of margin and 10 x (110 - 100) = 100 of loss at mark
    stage.deposit("poor", "154.99")
    assert reason(stage.buy("poor", 10, 110)) is Reason.MARGIN_INSUFFICIENT
    stage.deposit("poor", "0.01")
    stage.rest("poor", BUY, 10, 110)
    assert stage.balance("poor").available == 100


def test_a_sell_below_mark_needs_its_open_loss_too(stage, reason):
    # 10 x 90 / 20 = 45 and 10 x (100 - 90) = 100
    stage.deposit("poor", "144.99")
    assert reason(stage.sell("poor", 10, 90)) is Reason.MARGIN_INSUFFICIENT
    stage.deposit("poor", "0.01")
    stage.rest("poor", SELL, 10, 90)


def test_opposite_orders_share_their_margin(stage):
    stage.deposit("poor", 55)
    stage.rest("poor", BUY, 10, 100)
    stage.rest("poor", SELL, 10, 110)
    assert stage.balance("poor").open_order_initial_margin == 55
    assert stage.balance("poor").available == 0


def test_closing_without_the_flag_needs_no_margin(stage, kinds):
    stage.deposit("poor", 51)
    stage.trade("poor", "b", 10, 100)
    assert stage.balance("poor").available == 0
    assert kinds(stage.sell("poor", 20, 100)) == ["OrderAccepted", "BookChanged"]


@pytest.mark.parametrize(("touch", "needed"), [(100, "50.025"), (None, "50")])
def test_a_market_buy_is_margined_at_the_ask_and_a_little(stage, reason, touch, needed):
    # 10 x 100 x 1.0005 / 20 and 10 x 0.05 of loss
    if touch:
        stage.rest("a", SELL, 10, touch)
        needed = "50.525"
    stage.deposit("poor", str(float(needed) - 0.001))
    assert reason(stage.buy("poor", 10)) is Reason.MARGIN_INSUFFICIENT
    stage.deposit("poor", "0.001")
    assert stage.buy("poor", 10)[0].order.status in (Status.FILLED, Status.EXPIRED)


def test_a_market_sell_is_margined_at_the_bid_or_the_mark(stage, reason):
    stage.rest("a", BUY, 10, 95)
    stage.deposit("poor", "49.99")
    assert reason(stage.sell("poor", 10)) is Reason.MARGIN_INSUFFICIENT
    stage.deposit("poor", "0.01")
    assert stage.sell("poor", 10)[0].order.status is Status.FILLED


def test_the_position_side_follows_the_mode(stage, reason):
    assert reason(stage.buy("a", 1, 99, position_side=LONG)) is Reason.POSITION_SIDE_MISMATCH
    stage.hedge("a")
    assert reason(stage.buy("a", 1, 99)) is Reason.POSITION_SIDE_MISMATCH
    stage.rest("a", BUY, 1, 99, position_side=LONG)


def test_reasons_come_in_the_venues_order(stage, reason):
    """Take the faults away one by one; the reasons appear in the order of the checks."""
    stage.rest("a", BUY, 1, 90, client_id="taken")
    stage.rest("b", SELL, 1, 100)
    bad = {"kind": Kind.STOP_LIMIT, "position_side": LONG, "client_id": "taken"}
    bad |= {"reduce_only": True, "tif": TimeInForce.POST_ONLY}
    expected = [
        (Reason.UNSUPPORTED_KIND, {"kind": Kind.LIMIT}),
        (Reason.POSITION_SIDE_MISMATCH, {"position_side": NET}),
        (Reason.DUPLICATE_CLIENT_ID, {"client_id": "free"}),
    ]
    lots, price = 9_999_999, 1_000
    for wanted, mended in expected:
        assert reason(stage.buy("a", lots, price, **bad)) is wanted
        bad |= mended
    assert reason(stage.buy("a", lots, price, **bad)) is Reason.QUANTITY_ABOVE_MAX
    assert reason(stage.buy("a", 9_999, price, **bad)) is Reason.PRICE_ABOVE_BAND
    assert reason(stage.buy("a", 9_999, 150, **bad)) is Reason.REDUCE_ONLY_REJECTED
    bad["reduce_only"] = False
    for number in range(4):
        stage.rest("a", BUY, 1, 80 + number)
    assert reason(stage.buy("a", 9_999, 150, **bad)) is Reason.TOO_MANY_OPEN_ORDERS
    stage.cancel_all("a")
    assert reason(stage.buy("a", 9_999, 150, **bad)) is Reason.LEVERAGE_CAP_EXCEEDED
    stage.leverage("a", 1)
    stage.deposit("a", -99_000)
    assert reason(stage.buy("a", 6_000, 150, **bad)) is Reason.MARGIN_INSUFFICIENT
    assert reason(stage.buy("a", 1, 150, **bad)) is Reason.POST_ONLY_WOULD_TAKE


@pytest.mark.parametrize("account", ["a", "nobody"])
def test_cancelling_what_is_not_open_is_refused(stage, reason, account):
    unknown = Reason.UNKNOWN_ORDER if account == "a" else Reason.UNKNOWN_ACCOUNT
    assert reason(stage.apply(CancelOrder(account, "AAA", 1))) is unknown
    assert reason(stage.apply(AmendOrder(account, "AAA", 1, 100, 1))) is unknown
    assert reason(stage.apply(CancelOrder("a", "XYZ", 1))) is Reason.UNKNOWN_SYMBOL


def test_cancelling_everything_of_nobody_or_nothing_is_refused(stage, reason):
    assert reason(stage.apply(CancelAll("nobody", "AAA"))) is Reason.UNKNOWN_ACCOUNT
    assert reason(stage.apply(CancelAll("a", "XYZ"))) is Reason.UNKNOWN_SYMBOL


def test_marks_and_phases_belong_to_listed_symbols(stage, reason):
    assert reason(stage.apply(SetMark("XYZ", 1))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SetPhase("XYZ", Phase.CLOSED))) is Reason.UNKNOWN_SYMBOL
    assert reason(stage.apply(SetMark("AAA", 0))) is Reason.PRICE_NOT_POSITIVE
