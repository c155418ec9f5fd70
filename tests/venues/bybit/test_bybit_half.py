"""The client half of Bybit: bytes signed as published, answers read as documented and captured."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, Hint, Receipt, Silence
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, MarginMode, OrderRequest, PositionSide, Side, Status
from conformance.model.orders import TimeInForce as Tif
from conformance.model.outcomes import Accepted, OutcomeUnknown, Rejected
from conformance.model.wire import Operation, WireReply
from conformance.venues.bybit.client import Client, values

HALF = Client()
# Inputs of nautilus_trader's credential tests; signatures recomputed with the hmac module.
KEYS = Credentials("hmac", "test_api_key", "test_secret")
AT = 1_700_000_000_000
REQUEST = OrderRequest(
    symbol="BTCUSDT",
    side=Side.BUY,
    quantity=Decimal("0.001"),
    price=Decimal("60000.10"),
    client_id="test-1",
)


RESTING = {
    "orderId": "fd4300ae-7847-404e-b947-b46980a4d140",
    "orderStatus": "Untriggered",
    "cumExecQty": "0.000",
    "timeInForce": "GTC",
    "updatedTime": str(AT),
}


def call(method="GET", params=(("category", "linear"), ("symbol", "BTCUSDT")), path="/x"):
    return Call(
        operation=Operation.OTHER,
        method=method,
        path=path,
        decode=lambda data: data["result"],
        params=params,
        signed=True,
        keyed=True,
    )


def field(request, name):
    return next(value for key, value in request.headers if key == name)


@pytest.mark.parametrize(
    ("made", "signature"),
    [
        (call(), "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7"),
        (call(params=()), "cfffd774219bfa1d400476f699f830daaedcd3c41faa1dbdda95a8f4dd8170cc"),
        (
            call(
                "POST",
                (("category", "linear"), ("symbol", "BTCUSDT"), ("orderLinkId", "test-order-1")),
            ),
            "ac0533668112246c285a42b95f4a57c6f147e34a15723b88fa356f7687c7c87e",
        ),
    ],
)
def test_what_is_sent_is_what_is_signed(made, signature):
    request = HALF.sign(made, KEYS, AT)
    assert field(request, "x-bapi-sign") == signature
    assert field(request, "x-bapi-timestamp") == str(AT)
    assert field(request, "x-bapi-recv-window") == "5000"


def test_the_login_of_a_stream_is_signed_as_published():
    plan = HALF.user_stream("", KEYS, AT - 10_000)
    login, topics = [json.loads(text) for text in plan.opening]
    signature = "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925"
    assert login == {"op": "auth", "args": ["test_api_key", AT, signature]}
    assert topics["args"] == ["order", "execution", "position", "wallet"]
    assert plan.confirmed
    assert signature not in repr(plan)
    assert json.loads(plan.beat) == {"op": "ping"}


def test_a_call_shows_no_key_where_none_is_asked_for():
    assert HALF.sign(HALF.time(), KEYS, AT).headers == ()


def body(request, *, hedge=False):
    made = HALF.place(request, hedge=hedge)
    return json.loads(HALF.sign(made, KEYS, AT).body)


def test_orders_are_spelt_as_the_venue_wants_them():
    assert body(REQUEST) == {
        "category": "linear",
        "symbol": "BTCUSDT",
        "side": "Buy",
        "orderType": "Limit",
        "qty": "0.001",
        "price": "60000.10",
        "timeInForce": "GTC",
        "orderLinkId": "test-1",
        "positionIdx": 0,
    }
    closing = OrderRequest(
        symbol="BTCUSD",
        side=Side.BUY,
        quantity=Decimal(5),
        kind=Kind.MARKET,
        reduce_only=True,
        position_side=PositionSide.SHORT,
        client_id="a",
    )
    said = body(closing, hedge=True)
    assert (said["category"], said["positionIdx"], said["reduceOnly"]) == ("inverse", 2, True)
    assert "price" not in said


@pytest.mark.parametrize(
    ("kind", "side", "direction"),
    [
        (Kind.STOP_MARKET, Side.BUY, 1),
        (Kind.STOP_LIMIT, Side.SELL, 2),
        (Kind.TAKE_PROFIT_MARKET, Side.BUY, 2),
        (Kind.TAKE_PROFIT_LIMIT, Side.SELL, 1),
    ],
)
def test_a_conditional_order_says_whether_it_waits_for_a_rise(kind, side, direction):
    limit = kind in (Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT)
    waiting = replace(
        REQUEST,
        side=side,
        kind=kind,
        price=REQUEST.price if limit else None,
        trigger_price=Decimal("61000.00"),
    )
    assert HALF.refusal(waiting, hedge=False) == ""
    said = body(waiting)
    assert (said["triggerPrice"], said["triggerDirection"]) == ("61000.00", direction)
    assert said["orderType"] == ("Limit" if limit else "Market")
    row = {**said, **RESTING, "triggerPrice": "61000.00", "price": "0.00"}
    assert values.order(row).kind is kind


@pytest.mark.parametrize(
    ("changes", "hedge", "why"),
    [
        ({"client_id": "a" * 37}, False, "client id"),
        ({"client_id": "a b"}, False, "client id"),
        ({"kind": Kind.TRAILING_STOP}, False, "not offered"),
        ({"kind": Kind.STOP_MARKET}, False, "needs a price"),
        ({"kind": Kind.STOP_LIMIT}, False, "needs a trigger"),
        ({"trigger_price": Decimal(61000)}, False, "needs a trigger"),
        ({"time_in_force": Tif.GTD}, False, "not offered"),
        ({"price": None}, False, "needs a price"),
        ({}, True, "LONG or SHORT"),
        ({"position_side": PositionSide.LONG}, False, "one leg only"),
        ({"position_side": PositionSide.LONG, "reduce_only": True}, True, "add to the leg"),
    ],
)
def test_what_cannot_be_said_is_not_sent(changes, hedge, why):
    values = {
        name: getattr(REQUEST, name)
        for name in ("symbol", "side", "quantity", "price", "client_id", "kind", "time_in_force")
    }
    assert why in HALF.refusal(OrderRequest(**{**values, **changes}), hedge=hedge)


def read(made, result=None, *, code=0, text="OK", status=200, **further):
    said = {"retCode": code, "retMsg": text, "result": result, "time": AT, **further}
    return HALF.read(made, WireReply(status, json.dumps(said).encode()))


@pytest.mark.parametrize(
    "made",
    [
        HALF.place(REQUEST, hedge=False),
        HALF.cancel("BTCUSDT", client_id="test-1"),
    ],
)
def test_a_receipt_is_no_acceptance(made):
    ids = {"orderId": "fd4300ae-7847-404e-b947-b46980a4d140", "orderLinkId": "test-1"}
    assert read(made, ids) == Accepted(Receipt("test-1", ids["orderId"]))
    assert isinstance(read(made, {"orderId": "", "orderLinkId": ""}), OutcomeUnknown)


def test_each_order_of_a_batch_has_its_own_outcome():
    made = HALF.place_batch([REQUEST, REQUEST], hedge=False)
    rows = [{"orderId": "1", "orderLinkId": "a"}, {"orderId": "", "orderLinkId": "b"}]
    said = [{"code": 0, "msg": "OK"}, {"code": 10001, "msg": "position idx not match"}]
    outcome = read(made, {"list": rows}, retExtInfo={"list": said})
    assert isinstance(outcome, Accepted)
    first, second = outcome.value
    assert first == Accepted(Receipt("a", "1"))
    assert second == Rejected(Category.REQUEST, "10001", "position idx not match")
    assert isinstance(read(made, {"list": rows[:1]}, retExtInfo={"list": said}), OutcomeUnknown)
    assert dict(made.costs)["requests"] == 1
    assert sorted(units for _, units in made.costs) == [1, 2]


@pytest.mark.parametrize(
    ("code", "category"),
    [
        (10002, Category.CLOCK),
        (10004, Category.AUTH),
        (10006, Category.THROTTLED),
        (110001, Category.NOT_FOUND),
        (110007, Category.STATE),
        (110025, Category.ALREADY),
        (110043, Category.ALREADY),
        (110072, Category.STATE),
    ],
)
def test_a_refusal_in_a_200_is_a_refusal(code, category):
    outcome = read(call(), {}, code=code, text="x")
    assert outcome == Rejected(category, str(code), "x")


@pytest.mark.parametrize("code", [10000, 10016, 429, 999_999])
def test_codes_that_prove_nothing_leave_it_open(code):
    assert isinstance(read(call(), {}, code=code, text="x"), OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "payload", "category"),
    [
        (401, b"", Category.AUTH),
        (403, b"access too frequent", Category.BANNED),
        (403, b'{"retMsg": "Access too frequent"}', Category.BANNED),
        (404, b"<html>", Category.REQUEST),
        (403, b"<html>Forbidden</html>", None),
        (429, b"", None),
        (502, b"<html>", None),
        (200, b"", None),
        (200, b"[]", None),
        (200, b'{"retCode": "0"}', None),
    ],
)
def test_what_is_no_envelope_is_read_by_its_status(status, payload, category):
    outcome = HALF.read(call(), WireReply(status, payload))
    if category is None:
        assert isinstance(outcome, OutcomeUnknown)
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.category is category


def test_texts_tell_apart_what_one_code_covers():
    mode = Rejected(Category.REQUEST, "10001", "position idx not match position mode")
    assert HALF.hint(mode) is Hint.WRONG_MODE
    assert HALF.hint(Rejected(Category.STATE, "110072", "")) is Hint.DUPLICATE
    assert HALF.hint(Rejected(Category.REQUEST, "10001", "Qty invalid")) is None
    same = read(call(), {}, code=10001, text="order not modified")
    assert same == Rejected(Category.ALREADY, "10001", "order not modified")


CREATE = HALF.place(REQUEST, hedge=False)
POOL = next(name for name, _ in CREATE.costs if name != "requests")
TOO_FAST = b'{"retCode":10006,"retMsg":"Too many visits!","result":{}}'


@pytest.mark.parametrize(
    ("status", "payload", "headers", "silence"),
    [
        (200, b'{"retCode":0}', (), None),
        (
            200,
            TOO_FAST,
            (("x-bapi-limit-reset-timestamp", "1700000001000"),),
            Silence(until_ms=1_700_000_001_000, pools=(POOL,)),
        ),
        (200, TOO_FAST, (), Silence(pools=(POOL,))),
        (429, b"", (), Silence()),
        (403, b"access too frequent", (), Silence(for_ms=600_000, banned=True)),
        (403, b"<html>", (), None),
    ],
)
def test_the_pause_asked_for_is_understood(status, payload, headers, silence):
    assert HALF.silence(CREATE, WireReply(status, payload, headers)) == silence


def test_headers_tell_what_is_used_of_the_endpoint_s_own_pool():
    headers = (("x-bapi-limit", "10"), ("x-bapi-limit-status", "7"))
    assert HALF.usage(CREATE, WireReply(200, b"", headers)) == {POOL: 3}
    assert HALF.usage(CREATE, WireReply(200, b"", headers[:1])) == {}
    assert HALF.usage(HALF.time(), WireReply(200, b"", headers)) == {}


# Endpoints/V5Api/Trading/GetOrders of Bybit.Net's test payloads, shortened by empty fields.
ORDER = {
    "orderId": "fd4300ae-7847-404e-b947-b46980a4d140",
    "orderLinkId": "test-000005",
    "symbol": "ETHUSDT",
    "price": "1600.00",
    "qty": "0.10",
    "side": "Buy",
    "positionIdx": 1,
    "orderStatus": "New",
    "cancelType": "UNKNOWN",
    "rejectReason": "EC_NoError",
    "avgPrice": "0",
    "leavesQty": "0.10",
    "cumExecQty": "0.00",
    "timeInForce": "GTC",
    "orderType": "Limit",
    "stopOrderType": "UNKNOWN",
    "reduceOnly": False,
    "createdTime": "1684738540559",
    "updatedTime": "1684738540561",
}


def ordered(**changes):
    outcome = read(HALF.order("ETHUSDT", client_id="test-000005"), {"list": [ORDER | changes]})
    assert isinstance(outcome, Accepted)
    return outcome.value


def test_an_order_is_read_from_the_captured_row():
    order = ordered()
    assert (order.venue_id, order.client_id) == (ORDER["orderId"], "test-000005")
    assert (order.price, order.quantity, order.status) == (
        Decimal("1600.00"),
        Decimal("0.10"),
        Status.OPEN,
    )
    assert order.position_side is PositionSide.LONG
    assert order.updated_ms == 1_684_738_540_561


@pytest.mark.parametrize(
    ("cancel", "reject", "status", "reason"),
    [
        ("CancelByUser", "EC_PerCancelRequest", Status.CANCELLED, ""),
        ("UNKNOWN", "EC_NoError", Status.CANCELLED, ""),
        (
            "UNKNOWN",
            "EC_PostOnlyWillTakeLiquidity",
            Status.EXPIRED,
            "EC_PostOnlyWillTakeLiquidity",
        ),
        ("CancelByReduceOnly", "EC_NoError", Status.EXPIRED, "CancelByReduceOnly"),
        ("CancelBySmp", "EC_BySelfMatch", Status.EXPIRED, "EC_BySelfMatch"),
    ],
)
def test_cancelled_is_told_apart_by_who_wished_it(cancel, reject, status, reason):
    order = ordered(orderStatus="Cancelled", cancelType=cancel, rejectReason=reject)
    assert (order.status, order.reason) == (status, reason)


def test_a_state_of_no_document_is_unknown():
    order = ordered(orderStatus="Contemplated")
    assert (order.status, order.reason) == (Status.UNKNOWN, "status Contemplated")


def test_an_order_that_is_not_among_the_recent_ones_is_looked_for_in_the_history():
    made = HALF.order("ETHUSDT", venue_id="x")
    assert read(made, {"list": []}) == Rejected(
        Category.NOT_FOUND, "", "the venue does not list it"
    )
    assert made.elsewhere is not None
    assert (made.path, made.elsewhere.path) == ("/v5/order/realtime", "/v5/order/history")
    assert made.params == made.elsewhere.params


def test_pages_are_followed_by_their_cursor_and_categories_in_turn():
    cursor = "page_args%3Dfd4300ae-7847-404e-b947-b46980a4d140%26symbol%3D6%26"
    made = HALF.open_orders()
    outcome = read(made, {"list": [ORDER], "nextPageCursor": cursor})
    assert isinstance(outcome, Accepted)
    assert outcome.value.at_ms == AT
    following = outcome.value.more
    assert f"cursor={cursor}" in HALF.sign(following, KEYS, AT).query.decode()
    asked = []
    while following is not None:
        asked.append(dict(following.params).get("settleCoin", "inverse"))
        outcome = read(following, {"list": [], "nextPageCursor": ""})
        assert isinstance(outcome, Accepted)
        following = outcome.value.more
    assert asked == ["USDT", "USDC", "inverse"]


def test_a_cursor_that_leads_nowhere_does_not_go_on_for_ever():
    outcome = read(HALF.open_orders("ETHUSDT"), {"list": [], "nextPageCursor": "more"})
    assert isinstance(outcome, Accepted)
    assert outcome.value.more is None


# Endpoints/V5Api/Trading/GetUserTrades; the funding row is a capture of roq-bybit.
TRADE = {
    "symbol": "ETHPERP",
    "orderLinkId": "",
    "side": "Buy",
    "orderId": "8c065341-7b52-4ca9-ac2c-37e31ac55c94",
    "execTime": "1672282722429",
    "feeCurrency": "",
    "isMaker": False,
    "execFee": "0.071409",
    "execId": "e0cbe81d-0f18-5866-9415-cf319b5dab3b",
    "execPrice": "1190.15",
    "execType": "Trade",
    "execQty": "0.1",
}
FUNDING = {
    "symbol": "BTCUSDT",
    "orderId": "1682668800-BTCUSDT-460579-Buy",
    "orderLinkId": "",
    "side": "Buy",
    "execFee": "0.04486547",
    "execId": "f1",
    "execPrice": "29476.42",
    "execQty": "0.002",
    "execType": "Funding",
    "execTime": "1682668800000",
    "isMaker": False,
}


def test_executions_and_funding_are_told_apart():
    outcome = read(HALF.fills("ETHPERP", after="", since_ms=AT - 1), {"list": [FUNDING, TRADE]})
    assert isinstance(outcome, Accepted)
    ((fill, venue_id),) = outcome.value.rows
    assert (fill.trade_id, venue_id) == (TRADE["execId"], TRADE["orderId"])
    assert (fill.quantity, fill.fee, fill.fee_asset) == (
        Decimal("0.1"),
        Decimal("0.071409"),
        "USDC",
    )
    assert outcome.value.more is None
    outcome = read(HALF.payments("BTCUSDT", since_ms=AT - 1), {"list": [FUNDING]})
    assert isinstance(outcome, Accepted)
    (paid,) = outcome.value.rows
    assert (paid.amount, paid.asset, paid.payment_id) == (Decimal("-0.04486547"), "USDT", "f1")


def test_a_long_history_is_read_week_by_week():
    week_ms = 7 * 86_400_000
    made = HALF.fills("BTCUSDT", after="", since_ms=AT - 2 * week_ms)
    spans = []
    while made is not None:
        params = dict(made.params)
        spans.append((int(params["startTime"]) - AT, int(params["endTime"]) - AT))
        outcome = read(made, {"list": []})
        assert isinstance(outcome, Accepted)
        made = outcome.value.more
    assert spans == [(-2 * week_ms, -week_ms), (-week_ms, 0)]


# Endpoints/V5Api/Trading/GetPositions.
POSITION = {
    "positionIdx": 0,
    "symbol": "BTCUSD",
    "side": "Sell",
    "size": "300",
    "avgPrice": "27464.50441675",
    "leverage": "10",
    "markPrice": "28224.50",
    "liqPrice": "",
    "unrealisedPnl": "-0.00029413",
    "updatedTime": "1697673600012",
}


def test_positions_and_the_wallet_are_read_from_the_captured_rows():
    outcome = read(HALF.positions(), {"list": [POSITION], "nextPageCursor": ""})
    assert isinstance(outcome, Accepted)
    (held,) = outcome.value.rows
    assert (held.position.quantity, held.position.leverage) == (Decimal(-300), 10)
    assert held.position.liquidation_price is None
    coin = {
        "coin": "USDT",
        "walletBalance": "100",
        "equity": "90",
        "totalOrderIM": "5",
        "totalPositionIM": "10",
    }
    outcome = read(HALF.balances(), {"list": [{"coin": [coin]}]})
    assert isinstance(outcome, Accepted)
    (balance,) = outcome.value
    assert (balance.wallet, balance.available) == (Decimal(100), Decimal(75))


@pytest.mark.parametrize(("legs", "hedge"), [([0], False), ([2, 1], True)])
def test_the_legs_of_a_symbol_tell_its_mode(legs, hedge):
    made = HALF.hedge("BTCUSDT")
    rows = [POSITION | {"positionIdx": leg, "size": "0", "side": ""} for leg in legs]
    assert read(made, {"list": rows}) == Accepted(hedge)
    assert isinstance(read(made, {"list": []}), OutcomeUnknown)


def test_settings_are_answered_with_nothing():
    assert read(HALF.set_leverage("BTCUSDT", 7), {}) == Accepted(7)
    assert read(HALF.set_hedge(hedge=True), None) == Accepted(None)
    made = HALF.set_margin_mode("BTCUSDT", MarginMode.ISOLATED)
    assert dict(made.params) == {"setMarginMode": "ISOLATED_MARGIN"}


# Endpoints/V5Api/ExchangeData/GetLinearInverseSymbols, the fields that are read.
INSTRUMENT = {
    "symbol": "BTCUSDT",
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "settleCoin": "USDT",
    "deliveryTime": "0",
    "fundingInterval": 480,
    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "1190.000",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "minNotionalValue": "5",
    },
}


def test_instruments_are_read_exactly_and_oddities_do_not_spoil_the_rest():
    rows = [INSTRUMENT, {"symbol": "EMPTY"}, INSTRUMENT | {"symbol": "NEW", "status": "Dreaming"}]
    outcome = read(HALF.catalogue(), {"list": rows, "nextPageCursor": ""})
    assert isinstance(outcome, Accepted)
    first, second = outcome.value.instruments
    assert (first.tick, first.step, first.min_notional) == (
        Decimal("0.10"),
        Decimal("0.001"),
        Decimal(5),
    )
    assert first.expiry_ms is None
    assert (first.phase, second.phase) == (Phase.TRADING, Phase.UNKNOWN)
    assert read(HALF.interval("BTCUSDT"), {"list": [INSTRUMENT]}) == Accepted(8)


def test_every_category_and_phase_is_listed():
    following = HALF.catalogue()
    asked = []
    while following is not None:
        params = dict(following.params)
        asked.append((params["category"], params["status"]))
        outcome = read(following, {"list": [INSTRUMENT], "nextPageCursor": ""})
        assert isinstance(outcome, Accepted)
        following = outcome.value.more
    statuses = ("Trading", "PreLaunch", "Delivering")
    assert asked == [(kind, status) for status in statuses for kind in ("linear", "inverse")]


def test_nobody_is_warned_of_margin():
    assert Capability.MARGIN_CALL in HALF.lacks


def test_only_calls_that_do_no_more_when_repeated_are_idempotent():
    assert not HALF.place(REQUEST, hedge=False).idempotent
    assert HALF.cancel("BTCUSDT", client_id="a").idempotent
    assert HALF.set_leverage("BTCUSDT", 5).idempotent
    assert HALF.order("BTCUSDT", client_id="a").idempotent
