"""Conditional orders: when they are refused, what sets them off, and what becomes of them.

Trigger rules: stops go with the price, take-profits against it; a trigger already passed is
refused; nothing is margined before the trigger (Algo Order, developers.binance.com, 2026-11).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.exchange import shelf
from conformance.model.commands import (
    AmendConditional,
    CancelAllConditional,
    CancelConditional,
    PriceMatch,
)
from conformance.model.events import (
    Cause,
    ConditionalAmended,
    ConditionalCancelled,
    ConditionalExpired,
    ConditionalRejected,
    OrderFilled,
)
from conformance.model.instruments import Phase
from conformance.model.orders import (
    ConditionalStatus,
    Gauge,
    Kind,
    PositionSide,
    Side,
    Status,
    TimeInForce,
)
from conformance.model.refusals import Reason

BUY, SELL = Side.BUY, Side.SELL
LAST, MARK, INDEX = Gauge.LAST, Gauge.MARK, Gauge.INDEX
STOP, TAKE = Kind.STOP_MARKET, Kind.TAKE_PROFIT_MARKET
WHOLE = {"lots": 0, "close_position": True}


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "before", "at"),
    [
        (Kind.STOP_MARKET, BUY, 110, 109, 110),
        (Kind.STOP_MARKET, SELL, 90, 91, 90),
        (Kind.TAKE_PROFIT_MARKET, BUY, 90, 91, 90),
        (Kind.TAKE_PROFIT_MARKET, SELL, 110, 109, 110),
    ],
)
@pytest.mark.parametrize("gauge", list(Gauge))
def test_an_order_is_set_off_at_its_trigger_and_not_before(
    stage, kinds, kind, side, trigger, before, at, gauge
):
    record = stage.wait("a", side, kind, 10, trigger=trigger, gauge=gauge)
    assert "ConditionalTriggering" not in kinds(stage.gauge(gauge, before))
    assert record.status is ConditionalStatus.NEW
    assert "ConditionalTriggering" in kinds(stage.gauge(gauge, at))
    assert record.status is ConditionalStatus.FINISHED


def test_other_prices_and_other_symbols_set_nothing_off(stage, kinds):
    stage.wait("a", BUY, STOP, 10, trigger=110, gauge=MARK)
    assert kinds(stage.gauge(LAST, 110)) == ["LastChanged"]
    assert kinds(stage.gauge(INDEX, 110)) == ["IndexChanged"]
    assert kinds(stage.gauge(MARK, 110, "BBB")) == ["MarkChanged"]


def test_a_price_is_truncated_to_the_tick_before_it_is_compared(stage, kinds):
    # How to place stop-loss orders, Binance FAQ, 2024-08: 2,000.0489 is 2,000.04 on a tick of 0.01
    stage.wait("a", SELL, TAKE, 10, trigger=105, gauge=MARK)
    stage.wait("b", BUY, TAKE, 10, trigger=95, gauge=MARK)
    assert kinds(stage.mark("104.99")) == ["MarkChanged"]
    assert kinds(stage.mark("96.99")) == ["MarkChanged"]
    assert "ConditionalTriggering" in kinds(stage.mark("95.99"))
    assert "ConditionalTriggering" in kinds(stage.mark("105.01"))


@pytest.mark.parametrize(
    ("kind", "side", "trigger"),
    [(STOP, BUY, 100), (STOP, SELL, 100), (TAKE, BUY, 100), (TAKE, SELL, 100), (STOP, BUY, 99)],
)
def test_what_would_trigger_at_once_is_refused(stage, reason, kind, side, trigger):
    events = stage.conditional("a", side, kind, 10, trigger=trigger)
    assert reason(events) is Reason.IMMEDIATELY_TRIGGERS


def test_an_accepted_order_waits_apart_from_the_book(stage, kinds):
    for number in range(6):
        stage.wait("a", BUY, Kind.STOP_LIMIT, 10, trigger=110 + number, price=110)
    assert stage.engine.open_orders("a") == ()
    assert stage.depth() == ([], [])
    assert stage.balance("a").available == 100_000
    assert kinds(stage.buy("a", 1, 99)) == ["OrderAccepted", "BookChanged"]


def test_neither_margin_nor_position_matter_before_the_trigger(stage):
    stage.deposit("poor", 1)
    record = stage.wait("poor", BUY, STOP, 500, trigger=110)
    closer = stage.wait("poor", SELL, STOP, 10, trigger=90, reduce_only=True)
    rejected = of(stage.gauge(LAST, 110), ConditionalRejected)
    assert [event.reason for event in rejected] == [Reason.MARGIN_INSUFFICIENT]
    assert (record.status, record.reason) == (
        ConditionalStatus.REJECTED,
        Reason.MARGIN_INSUFFICIENT,
    )
    stage.gauge(LAST, 90)
    assert closer.reason is Reason.REDUCE_ONLY_REJECTED
    assert record.order is closer.order is None


def test_at_the_trigger_a_regular_order_is_linked_and_followed_to_its_end(stage, kinds):
    stage.rest("b", SELL, 10, 110)
    record = stage.wait("a", BUY, STOP, 10, trigger=110, client_id="mine", tag="kept")
    events = stage.gauge(LAST, 110)
    assert kinds(events)[:4] == [
        "LastChanged",
        "ConditionalTriggering",
        "ConditionalTriggered",
        "OrderAccepted",
    ]
    assert kinds(events)[-1] == "ConditionalFinished"
    order = record.order
    assert events[2].order is events[3].order is order
    assert (order.client_id, order.tag, order.kind) == ("mine", "kept", Kind.MARKET)
    assert order.conditional_id == record.conditional_id != order.order_id
    assert (order.status, order.filled) == (Status.FILLED, 10)
    assert record.triggered_ms == stage.now


def test_a_limit_kind_enters_a_limit_order_that_lives_on(stage, kinds):
    terms = {"trigger": 95, "price": 94, "tif": TimeInForce.GTD, "expire_at": 5_000}
    record = stage.wait("a", BUY, Kind.TAKE_PROFIT_LIMIT, 10, **terms)
    stage.gauge(LAST, 95)
    order = record.order
    assert (order.kind, order.price, order.expire_at) == (Kind.LIMIT, 94, 5_000)
    assert record.status is ConditionalStatus.TRIGGERED
    assert stage.engine.open_conditionals("a") == ()
    assert kinds(stage.cancel(order))[-1] == "ConditionalFinished"
    assert record.status is ConditionalStatus.FINISHED


def test_the_entered_order_ends_by_time_or_by_fill_alike(stage, kinds):
    terms = {"trigger": 95, "price": 94, "tif": TimeInForce.GTD, "expire_at": 5_000}
    dated = stage.wait("a", BUY, Kind.TAKE_PROFIT_LIMIT, 10, **terms)
    stage.gauge(LAST, 95)
    assert kinds(stage.engine.advance(5_000)) == [
        "OrderExpired",
        "BookChanged",
        "ConditionalFinished",
    ]
    plain = stage.wait("a", BUY, Kind.TAKE_PROFIT_LIMIT, 10, trigger=94, price=94)
    stage.gauge(LAST, 94)
    stage.sell("b", 4, 94)
    assert plain.status is ConditionalStatus.TRIGGERED
    stage.sell("b", 6, 94)
    assert plain.status is dated.status is ConditionalStatus.FINISHED


def test_trades_set_off_what_their_prices_reach_even_in_passing(stage):
    stage.gauge(LAST, 100)
    stage.rest("b", SELL, 1, 101)
    stage.rest("b", SELL, 1, 105)
    first = stage.wait("c", SELL, TAKE, 10, trigger=101)
    passing = stage.wait("c", SELL, TAKE, 10, trigger=103)
    beyond = stage.wait("c", SELL, TAKE, 10, trigger=106)
    stage.buy("a", 2, 105)
    assert first.status is passing.status is ConditionalStatus.FINISHED
    assert beyond.status is ConditionalStatus.NEW


def test_a_sweep_sets_off_a_fall_that_lasted_one_trade_only(stage):
    stage.gauge(LAST, 110)
    stage.rest("b", SELL, 1, 100)
    stage.rest("b", SELL, 1, 108)
    fallen = stage.wait("c", SELL, STOP, 10, trigger=101)
    stage.buy("a", 2, 108)
    assert stage.engine.last("AAA") == 108 * 10**8
    assert fallen.status is ConditionalStatus.FINISHED


def test_a_cascade_runs_to_its_end_in_the_order_of_prices(stage, kinds):
    for price, lots in ((99, 1), (97, 10), (95, 10)):
        stage.rest("b", BUY, lots, price)
    last = stage.wait("a", SELL, STOP, 1, trigger=95)
    middle = stage.wait("a", SELL, STOP, 10, trigger=97)
    first = stage.wait("a", SELL, STOP, 10, trigger=99)
    events = stage.gauge(LAST, 99)
    ended = [event.conditional for event in events if "Finished" in type(event).__name__]
    assert ended == [first, middle, last]
    assert [record.order.filled for record in ended] == [10, 10, 1]
    names = kinds(events)
    second = names.index("ConditionalTriggering", names.index("ConditionalTriggered"))
    assert "OrderFilled" in names[:second]
    assert first.order.status is Status.FILLED
    assert all(event.order is not first.order for event in of(events[second:], OrderFilled))


def test_at_one_trigger_the_oldest_comes_first(stage, kinds):
    records = [stage.wait(name, BUY, STOP, 1, trigger=110) for name in "cab"]
    stage.gauge(LAST, 120)
    ids = [record.order.order_id for record in records]
    assert ids == sorted(ids)


def test_client_ids_are_unique_among_those_that_wait_and_apart_from_orders(stage, reason):
    stage.rest("a", BUY, 1, 90, client_id="same")
    record = stage.wait("a", BUY, STOP, 1, trigger=110, client_id="same")
    again = stage.conditional("a", BUY, STOP, 1, trigger=110, client_id="same", symbol="BBB")
    assert reason(again) is Reason.DUPLICATE_CLIENT_ID
    stage.wait("b", BUY, STOP, 1, trigger=110, client_id="same")
    stage.apply(CancelConditional("a", record.conditional_id))
    newer = stage.wait("a", BUY, STOP, 1, trigger=110, client_id="same")
    assert stage.engine.conditional("a", client_id="same") is newer
    assert stage.engine.conditional("a", conditional_id=record.conditional_id) is record
    stage.gauge(LAST, 110)
    assert newer.reason is Reason.DUPLICATE_CLIENT_ID


def test_an_empty_client_id_names_nobody(stage):
    stage.wait("a", BUY, STOP, 1, trigger=110, client_id="")
    stage.wait("a", BUY, STOP, 1, trigger=110, client_id="")
    assert stage.engine.conditional("a", client_id="") is None


def test_two_hundred_wait_over_all_symbols_and_fewer_where_the_listing_says(
    make_stage, make_listing, reason
):
    stage = make_stage(make_listing(), make_listing(symbol="BBB", conditionals_symbol_max=10))
    for number in range(10):
        stage.wait("a", BUY, STOP, 1, trigger=110 + number, symbol="BBB")
    more = stage.conditional("a", BUY, STOP, 1, trigger=110, symbol="BBB")
    assert reason(more) is Reason.TOO_MANY_CONDITIONALS
    for number in range(190):
        stage.wait("a", BUY, STOP, 1, trigger=110 + number)
    assert reason(stage.conditional("a", BUY, STOP, 1, trigger=110)) is Reason.TOO_MANY_CONDITIONALS
    stage.wait("b", BUY, STOP, 1, trigger=110)
    stage.apply(CancelAllConditional("a", "BBB"))
    stage.wait("a", BUY, STOP, 1, trigger=110)


def test_cancelling_is_for_the_waiting_of_the_account_only(stage, reason, kinds):
    record = stage.wait("a", BUY, STOP, 1, trigger=110)
    unknown = CancelConditional("b", record.conditional_id)
    assert reason(stage.apply(unknown)) is Reason.UNKNOWN_CONDITIONAL
    nobody = CancelConditional("nobody", record.conditional_id)
    assert reason(stage.apply(nobody)) is Reason.UNKNOWN_ACCOUNT
    cancel = CancelConditional("a", record.conditional_id)
    assert stage.apply(cancel) == (ConditionalCancelled(record, Cause.NONE),)
    assert record.status is ConditionalStatus.CANCELLED
    assert reason(stage.apply(cancel)) is Reason.UNKNOWN_CONDITIONAL
    assert kinds(stage.gauge(LAST, 110)) == ["LastChanged"]


def test_cancel_all_takes_one_symbol_and_no_orders(stage, reason):
    stage.rest("a", BUY, 1, 90)
    here = [stage.wait("a", BUY, STOP, 1, trigger=110 + number) for number in range(3)]
    there = stage.wait("a", BUY, STOP, 1, trigger=110, symbol="BBB")
    events = stage.apply(CancelAllConditional("a", "AAA"))
    assert [event.conditional for event in events] == here
    assert stage.engine.open_conditionals("a") == (there,)
    assert stage.engine.open_conditionals("a", "AAA") == ()
    assert len(stage.engine.open_orders("a")) == 1
    assert stage.apply(CancelAllConditional("b", "AAA")) == ()
    assert reason(stage.apply(CancelAllConditional("nobody", "AAA"))) is Reason.UNKNOWN_ACCOUNT


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"symbol": "XYZ"}, Reason.UNKNOWN_SYMBOL),
        ({"kind": Kind.LIMIT}, Reason.UNSUPPORTED_KIND),
        ({"tif": TimeInForce.GTD}, Reason.EXPIRY_IN_THE_PAST),
        ({"tif": TimeInForce.GTD, "expire_at": 1_000}, Reason.EXPIRY_IN_THE_PAST),
        ({"position_side": PositionSide.LONG}, Reason.POSITION_SIDE_MISMATCH),
        ({"lots": 0}, Reason.QUANTITY_NOT_POSITIVE),
        ({"lots": 1}, Reason.QUANTITY_BELOW_MIN),
        ({"lots": 5_001}, Reason.QUANTITY_ABOVE_MAX),
        ({"lots": 10_001, "kind": Kind.STOP_LIMIT}, Reason.QUANTITY_ABOVE_MAX),
        ({"trigger": None}, Reason.TRIGGER_NOT_POSITIVE),
        ({"trigger": 0}, Reason.TRIGGER_NOT_POSITIVE),
        ({"trigger": 181}, Reason.TRIGGER_ABOVE_BAND),
        ({"trigger": 19, "side": SELL}, Reason.TRIGGER_BELOW_BAND),
        ({"kind": Kind.STOP_LIMIT}, Reason.PRICE_NOT_POSITIVE),
        ({"kind": Kind.STOP_LIMIT, "price": 166}, Reason.LIMIT_ABOVE_TRIGGER_BAND),
        (
            {"kind": Kind.STOP_LIMIT, "price": 44, "side": SELL, "trigger": 90},
            Reason.LIMIT_BELOW_TRIGGER_BAND,
        ),
        ({"match": PriceMatch(own=True)}, Reason.MATCH_NOT_LIMIT),
        ({"close_position": True}, Reason.CLOSE_POSITION_QUANTITY),
        ({**WHOLE, "kind": Kind.STOP_LIMIT}, Reason.CLOSE_POSITION_KIND),
        ({**WHOLE, "kind": Kind.TRAILING_STOP}, Reason.CLOSE_POSITION_KIND),
        ({"position_bound": True}, Reason.NO_POSITION_TO_BIND),
        ({"trigger": 100}, Reason.IMMEDIATELY_TRIGGERS),
    ],
)
def test_refusals_have_their_reasons(make_stage, make_listing, reason, terms, expected):
    bands = {"trigger_band_up": Decimal("1.8"), "trigger_band_down": Decimal("0.2")}
    stage = make_stage(make_listing(min_lots=2, **bands))
    terms = {"side": BUY, "kind": STOP, "lots": 10, "trigger": 110, **terms}
    assert reason(stage.conditional("a", **terms)) is expected
    assert list(stage.engine.conditionals("a")) == []


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(Phase.HALTED, Reason.SYMBOL_NOT_TRADING), (Phase.CLOSED, Reason.SYMBOL_CLOSED)],
)
def test_only_a_trading_symbol_lets_them_wait(stage, reason, phase, expected):
    stage.phase(phase)
    assert reason(stage.conditional("a", BUY, STOP, 1, trigger=110)) is expected


def test_a_trigger_in_a_halt_is_rejected_and_the_end_of_a_symbol_ends_them(stage):
    halted = stage.wait("a", BUY, STOP, 1, trigger=110)
    ended = stage.wait("a", BUY, STOP, 1, trigger=120)
    elsewhere = stage.wait("a", BUY, STOP, 1, trigger=120, symbol="BBB")
    stage.phase(Phase.HALTED)
    stage.gauge(LAST, 110)
    assert halted.reason is Reason.SYMBOL_NOT_TRADING
    events = stage.phase(Phase.CLOSED)
    assert ConditionalExpired(ended, Cause.DELISTED) in events
    assert elsewhere.status is ConditionalStatus.NEW


def test_a_dated_order_ends_at_its_instant_unless_it_was_set_off(stage, kinds):
    dated = {"trigger": 110, "tif": TimeInForce.GTD}
    late = stage.wait("a", BUY, STOP, 1, **dated, expire_at=3_000)
    early = stage.wait("a", BUY, STOP, 1, **dated, expire_at=2_000)
    gone = stage.wait("a", BUY, STOP, 1, **dated, expire_at=1_500)
    stage.apply(CancelConditional("a", gone.conditional_id))
    assert stage.engine.due() == 2_000
    assert stage.engine.advance(1_999) == ()
    assert stage.engine.advance(2_000) == (ConditionalExpired(early, Cause.GTD_REACHED),)
    stage.gauge(LAST, 110)
    assert stage.engine.due() is None
    assert late.status is ConditionalStatus.FINISHED


def test_an_amendment_moves_the_trigger_and_keeps_the_order(stage, reason, kinds):
    record = stage.wait("a", BUY, Kind.STOP_LIMIT, 10, trigger=110, price=111, client_id="mine")
    number = record.conditional_id
    for figures, expected in (
        ((110, 111, 10), Reason.AMEND_NOTHING_CHANGED),
        ((100, 111, 10), Reason.IMMEDIATELY_TRIGGERS),
        ((110, 0, 10), Reason.PRICE_NOT_POSITIVE),
        ((110, 111, 0), Reason.QUANTITY_NOT_POSITIVE),
    ):
        assert reason(stage.apply(AmendConditional("a", number, *figures))) is expected
    events = stage.apply(AmendConditional("a", number, 120, 121, 20))
    assert events == (ConditionalAmended(record, 110, 111, 10),)
    assert kinds(stage.gauge(LAST, 119)) == ["LastChanged"]
    stage.gauge(LAST, 120)
    assert (record.order.price, record.order.quantity) == (121, 20)
    again = AmendConditional("a", number, 130, 131, 20)
    assert reason(stage.apply(again)) is Reason.UNKNOWN_CONDITIONAL


def test_close_position_closes_what_is_held_and_knocks_out_other_closers(stage):
    stage.trade("a", "b", 10, 100)
    resting = stage.rest("a", SELL, 7, 120, reduce_only=True)
    record = stage.wait("a", SELL, STOP, trigger=90, **WHOLE)
    stage.trade("a", "b", 5, 99)
    stage.rest("c", BUY, 20, 90)
    stage.gauge(LAST, 90)
    assert (record.order.quantity, record.order.filled) == (15, 15)
    assert stage.lots("a") == 0
    assert resting.status is Status.EXPIRED


def test_close_position_is_trimmed_to_the_most_a_market_order_may_be(make_stage, make_listing):
    stage = make_stage(make_listing(market_max_lots=12))
    stage.trade("a", "b", 15, 100)
    record = stage.wait("a", SELL, STOP, trigger=90, **WHOLE)
    stage.gauge(LAST, 90)
    assert record.order.quantity == 12


def test_close_position_without_a_position_is_rejected_at_the_trigger(stage):
    stage.trade("b", "a", 5, 100)
    record = stage.wait("a", SELL, STOP, trigger=90, **WHOLE)
    stage.gauge(LAST, 90)
    assert record.reason is Reason.REDUCE_ONLY_REJECTED


def test_one_close_position_of_a_kind_and_direction_is_enough(stage, reason):
    stage.wait("a", SELL, STOP, trigger=90, **WHOLE)
    again = stage.conditional("a", SELL, STOP, trigger=80, **WHOLE)
    assert reason(again) is Reason.CLOSE_POSITION_EXISTS
    stage.wait("a", SELL, TAKE, trigger=120, **WHOLE)
    stage.wait("a", BUY, STOP, trigger=120, **WHOLE)
    stage.wait("a", SELL, STOP, 3, trigger=90)


def test_in_hedge_mode_close_position_may_not_open(stage, reason):
    stage.hedge("a")
    opens = stage.conditional("a", BUY, STOP, trigger=110, position_side=PositionSide.LONG, **WHOLE)
    assert reason(opens) is Reason.CLOSE_POSITION_OPENS
    stage.trade("a", "b", 4, 100, position_side=PositionSide.LONG)
    record = stage.wait("a", SELL, STOP, trigger=90, position_side=PositionSide.LONG, **WHOLE)
    stage.rest("c", BUY, 4, 90)
    stage.gauge(LAST, 90)
    assert (record.order.filled, stage.lots("a", PositionSide.LONG)) == (4, 0)


def test_a_bound_order_expires_with_its_position_whoever_closed_it(stage):
    stage.trade("a", "b", 10, 100)
    stop = stage.wait("a", SELL, STOP, 10, trigger=90, reduce_only=True, position_bound=True)
    other = stage.wait("a", SELL, TAKE, 10, trigger=120, reduce_only=True, position_bound=True)
    free = stage.wait("a", SELL, STOP, 10, trigger=90, reduce_only=True)
    stage.rest("c", BUY, 20, 99)
    assert of(stage.sell("a", 4, 99), ConditionalExpired) == []
    expired = of(stage.sell("a", 6, 99), ConditionalExpired)
    assert expired == [
        ConditionalExpired(stop, Cause.POSITION_CLOSED),
        ConditionalExpired(other, Cause.POSITION_CLOSED),
    ]
    assert free.status is ConditionalStatus.NEW


def test_a_bound_order_expires_when_its_position_flips(stage):
    stage.trade("a", "b", 10, 100)
    stop = stage.wait("a", SELL, STOP, 10, trigger=90, reduce_only=True, position_bound=True)
    stage.rest("c", BUY, 20, 99)
    stage.sell("a", 20, 99)
    assert stage.lots("a") == -10
    assert stop.status is ConditionalStatus.EXPIRED


@pytest.mark.parametrize("gauge", [LAST, MARK])
def test_a_protected_order_waits_while_last_and_mark_are_apart(stage, gauge):
    # Price protection, Binance FAQ, 2020-10: beyond the threshold (here 5 %) it does not trigger
    record = stage.wait("a", BUY, STOP, 1, trigger=106, gauge=gauge, protected=True)
    plain = stage.wait("a", BUY, STOP, 1, trigger=106, gauge=gauge)
    other = MARK if gauge is LAST else LAST
    stage.gauge(gauge, 112)
    assert plain.status is ConditionalStatus.FINISHED
    assert record.status is ConditionalStatus.NEW
    stage.gauge(other, 107)
    assert record.status is ConditionalStatus.FINISHED


def test_protection_ends_exactly_at_the_threshold(stage):
    record = stage.wait("a", BUY, STOP, 1, trigger=105, protected=True)
    stage.gauge(LAST, "105.01")
    assert record.status is ConditionalStatus.NEW
    stage.gauge(LAST, 105)
    assert record.status is ConditionalStatus.FINISHED


def test_a_matched_limit_takes_its_price_from_the_book_at_the_trigger(stage):
    terms = {"trigger": 110, "match": PriceMatch(own=False, level=2)}
    record = stage.wait("a", BUY, Kind.STOP_LIMIT, 1, **terms)
    bare = stage.wait("a", BUY, Kind.STOP_LIMIT, 1, **{**terms, "trigger": 112})
    for price in (113, 115):
        stage.rest("b", SELL, 1, price)
    stage.gauge(LAST, 110)
    assert record.order.price == 115
    stage.gauge(LAST, 112)
    assert bare.reason is Reason.MATCH_WITHOUT_DEPTH


def test_ended_ones_are_retained_up_to_a_bound(stage, monkeypatch):
    monkeypatch.setattr(shelf, "CONDITIONALS_RETAINED", 2)
    records = [stage.wait("a", BUY, STOP, 1, trigger=110, client_id=f"n{n}") for n in range(4)]
    newer = None
    for number, record in enumerate(records):
        stage.apply(CancelConditional("a", record.conditional_id))
        if number == 1:
            newer = stage.wait("a", BUY, STOP, 1, trigger=110, client_id="n1")
    assert list(stage.engine.conditionals("a")) == [*records[2:], newer]
    assert list(stage.engine.conditionals("a", "BBB")) == []
    assert stage.engine.conditional("a", conditional_id=records[0].conditional_id) is None
    assert stage.engine.conditional("a", client_id="n0") is None
    assert stage.engine.conditional("a", client_id="n1") is newer


def test_questions_about_unknown_accounts_are_bugs_of_the_caller(stage):
    with pytest.raises(KeyError):
        stage.engine.conditional("nobody", conditional_id=1)
    assert stage.engine.conditional("a", conditional_id=1) is None
