"""The client half of Binance USDM: bytes signed as published, answers read as documented."""

from dataclasses import replace
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conformance.contracts.adapter import Credentials
from conformance.contracts.client import Call, Hint, Silence
from conformance.model.categories import Category
from conformance.model.instruments import Phase
from conformance.model.orders import Kind, MarginMode, OrderRequest, PositionSide, Side, Status
from conformance.model.orders import TimeInForce as Tif
from conformance.model.outcomes import Accepted, OutcomeUnknown, Rejected
from conformance.model.wire import Operation, WireReply
from conformance.venues.binance_usdm.client import Client

HALF = Client()
# The worked example of usds-margined-futures/general-info, 2026-05-28.
KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
AT = 1591702613943
EXAMPLE = (
    ("symbol", "BTCUSDT"),
    ("side", "BUY"),
    ("type", "LIMIT"),
    ("quantity", "1"),
    ("price", "9000"),
    ("timeInForce", "GTC"),
    ("recvWindow", "5000"),
)
ACK = (
    b'{"clientOrderId":"testOrder","cumQty":"0","executedQty":"0","orderId":22542179,'
    b'"origQty":"10","price":"9000","reduceOnly":false,"side":"BUY","positionSide":"BOTH",'
    b'"status":"NEW","stopPrice":"0","closePosition":false,"symbol":"BTCUSDT",'
    b'"timeInForce":"GTC","type":"LIMIT","origType":"LIMIT","updateTime":1566818724722,'
    b'"workingType":"CONTRACT_PRICE","priceProtect":false,"priceMatch":"NONE",'
    b'"selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0}'
)
REQUEST = OrderRequest(
    symbol="BTCUSDT",
    side=Side.BUY,
    quantity=Decimal("0.001"),
    price=Decimal("9000.10"),
    client_id="testOrder",
)


def call(method="POST", params=EXAMPLE, *, signed=True):
    return Call(
        operation=Operation.PLACE,
        method=method,
        path="/fapi/v1/order",
        decode=lambda data: data,
        params=params,
        signed=signed,
        keyed=signed,
    )


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
def test_the_published_example_gets_its_published_signature(method):
    request = HALF.sign(call(method), Credentials("hmac", KEY, SECRET), AT)
    sent = request.body or request.query
    assert sent.endswith(
        b"&signature=3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    )
    assert not (request.body and request.query)
    assert request.header("x-mbx-apikey") == KEY


def test_an_ed25519_signature_is_percent_encoded():
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    request = HALF.sign(call(), Credentials("ed25519", KEY, pem), AT)
    assert request.body.endswith(
        b"&signature=ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9UWtKuq0mtnSTOQr"
        b"uQAwFvR128PaDg%3D%3D"
    )


def test_a_symbol_beyond_ascii_is_signed_in_its_encoded_form():
    request = HALF.sign(
        call("GET", (("symbol", "币安人生USDT"),)), Credentials("hmac", KEY, SECRET), AT
    )
    assert request.query == (
        b"symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&timestamp=1591702613943&signature="
        b"72120712f7be733ac3d17604281d5a46a226e36a0f24f3ca97d826e5000924d9"
    )


def test_a_public_call_carries_neither_key_nor_signature():
    request = HALF.sign(HALF.time(), Credentials("hmac", KEY, SECRET), AT)
    assert (request.query, request.headers, request.body) == (b"", (), b"")


def test_an_order_is_said_in_plain_notation():
    request = replace(
        REQUEST, quantity=Decimal("1E-3"), price=Decimal("1E+4"), time_in_force=Tif.POST_ONLY
    )
    params = dict(HALF.place(request, hedge=False).params)
    assert (params["quantity"], params["price"]) == ("0.001", "10000")
    assert params["timeInForce"] == "GTX"
    assert "positionSide" not in params
    assert "reduceOnly" not in params


def test_a_market_order_has_neither_price_nor_time_in_force():
    params = dict(HALF.place(replace(REQUEST, kind=Kind.MARKET, price=None), hedge=False).params)
    assert not {"price", "timeInForce"} & set(params)


@pytest.mark.parametrize(
    ("side", "leg", "reduce", "allowed"),
    [
        (Side.BUY, PositionSide.LONG, False, True),
        (Side.SELL, PositionSide.LONG, True, True),
        (Side.SELL, PositionSide.SHORT, False, True),
        (Side.BUY, PositionSide.SHORT, True, True),
        (Side.BUY, PositionSide.LONG, True, False),
        (Side.SELL, PositionSide.SHORT, True, False),
        (Side.BUY, PositionSide.NET, False, False),
    ],
)
def test_hedge_mode_names_the_leg_and_never_sends_reduce_only(side, leg, reduce, allowed):
    request = replace(REQUEST, side=side, position_side=leg, reduce_only=reduce)
    assert (HALF.refusal(request, hedge=True) == "") is allowed
    params = dict(HALF.place(request, hedge=True).params)
    assert "reduceOnly" not in params


def test_one_way_mode_has_one_leg():
    assert HALF.refusal(replace(REQUEST, position_side=PositionSide.LONG), hedge=False)
    assert (
        dict(HALF.place(replace(REQUEST, reduce_only=True), hedge=False).params)["reduceOnly"]
        == "true"
    )


@pytest.mark.parametrize("client_id", ["", "x" * 37, "a b", "a+b", "ü", "a\n", None])
def test_client_ids_outside_the_published_alphabet_are_refused_locally(client_id):
    assert HALF.refusal(replace(REQUEST, client_id=client_id), hedge=False)


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, kind=Kind.STOP_MARKET, price=None),
        replace(REQUEST, trigger_price=Decimal(61000)),
        replace(REQUEST, time_in_force=Tif.GTD),
        replace(REQUEST, price=None),
        replace(REQUEST, kind=Kind.MARKET),
    ],
)
def test_what_the_order_endpoint_cannot_say_is_refused_locally(request_):
    assert HALF.refusal(request_, hedge=False)


def test_a_batch_is_compact_json_with_decimal_texts():
    ((name, text),) = HALF.place_batch([REQUEST], hedge=False).params
    assert name == "batchOrders"
    assert text == (
        '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.001",'
        '"newClientOrderId":"testOrder","newOrderRespType":"RESULT","price":"9000.10",'
        '"timeInForce":"GTC"}]'
    )


@pytest.mark.parametrize(
    ("made", "costs"),
    [
        (HALF.place(REQUEST, hedge=False), {"orders": 1, "orders-minute": 1}),
        (
            HALF.place_batch([REQUEST], hedge=False),
            {"requests": 5, "orders": 5, "orders-minute": 1},
        ),
        (HALF.cancel("BTCUSDT", client_id="a"), {"requests": 1}),
        (HALF.open_orders(), {"requests": 40}),
        (HALF.open_orders("BTCUSDT"), {"requests": 1}),
        (HALF.snapshot("BTCUSDT"), {"requests": 20}),
        (HALF.glimpse("BTCUSDT"), {"requests": 5}),
        (HALF.hedge("BTCUSDT"), {"requests": 30}),
    ],
)
def test_calls_cost_what_is_published(made, costs):
    assert dict(made.costs) == costs


def test_only_calls_that_do_no_more_when_repeated_are_idempotent():
    assert not HALF.place(REQUEST, hedge=False).idempotent
    assert not HALF.place_batch([REQUEST], hedge=False).idempotent
    assert HALF.cancel("BTCUSDT", client_id="a").idempotent
    assert HALF.set_leverage("BTCUSDT", 5).idempotent
    assert HALF.order("BTCUSDT", client_id="a").idempotent


def read(status, body, made=None):
    return HALF.read(made or HALF.place(REQUEST, hedge=False), WireReply(status, body))


def test_the_ack_of_2026_has_no_average_price_and_is_read():
    outcome = read(200, ACK)
    assert isinstance(outcome, Accepted)
    order = outcome.value
    assert (order.venue_id, order.client_id) == ("22542179", "testOrder")
    assert (order.status, order.price, order.quantity) == (Status.OPEN, Decimal(9000), Decimal(10))
    assert order.average_price == 0


def error(code, text=""):
    return b'{"code":%d,"msg":"%s"}' % (code, text.encode())


@pytest.mark.parametrize(
    ("status", "body", "category"),
    [
        (400, error(-2019, "Margin is insufficient."), Category.STATE),
        (400, error(-2019, "any other words"), Category.STATE),
        (400, error(-1102), Category.REQUEST),
        (401, error(-2015), Category.AUTH),
        (401, b"<html>", Category.AUTH),
        (400, error(-1021), Category.CLOCK),
        (400, error(-5028), Category.CLOCK),
        (429, error(-1003), Category.THROTTLED),
        (429, b"slow down", Category.THROTTLED),
        (418, error(-1003), Category.BANNED),
        (503, error(-1008), Category.RETRY),
        (503, error(-1001), Category.RETRY),
        (503, b'{"msg":"Service Unavailable."}', Category.RETRY),
        (503, error(-1000, "Service Unavailable."), Category.RETRY),
        (400, error(-4046), Category.ALREADY),
        (400, error(-2011), Category.NOT_FOUND),
        (400, error(-1125), Category.STREAM_KEY),
        (400, error(-1016), Category.MAINTENANCE),
        (200, error(-2022), Category.STATE),
    ],
)
def test_a_definite_refusal_has_the_documented_category(status, body, category):
    outcome = read(status, body)
    assert isinstance(outcome, Rejected)
    assert outcome.category is category


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, error(-1000, "Unknown error, please check your request or try again later.")),
        (503, b'{"timestamp":1,"path":"/x","msg":"Unknown error, please check your request"}'),
        (503, b"<html>"),
        (408, error(-1007)),
        (408, error(-2019)),
        (400, error(-1006)),
        (400, error(-9999, "described nowhere")),
        (500, b'{"msg":"Request occur unknown error."}'),
        (502, b"<html>Bad Gateway</html>"),
        (403, b"<html>Forbidden</html>"),
        (504, b""),
        (302, b""),
        (200, b""),
        (200, b"SUCCESS"),
        (200, ACK[:100]),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"orderId":1}'),
        (200, ACK.replace(b'"9000"', b'"NaN"')),
    ],
)
def test_what_proves_nothing_is_unknown(status, body):
    assert isinstance(read(status, body), OutcomeUnknown)


def test_code_and_text_of_a_refusal_are_kept_on_one_line():
    outcome = read(400, b'{"code":-2019,"msg":"Margin\\r\\n\\u001b[31m' + b"x" * 500 + b'"}')
    assert isinstance(outcome, Rejected)
    assert outcome.code == "-2019"
    assert outcome.text.isprintable()
    assert len(outcome.text) == 200


def test_a_batch_is_judged_element_by_element():
    made = HALF.place_batch([REQUEST] * 3, hedge=False)
    body = b"[" + ACK + b"," + error(-2022) + b"," + error(-9999) + b"]"
    outcome = read(200, body, made)
    assert isinstance(outcome, Accepted)
    assert [type(row) for row in outcome.value] == [Accepted, Rejected, OutcomeUnknown]
    assert isinstance(read(200, b"[" + ACK + b"]", made), OutcomeUnknown)


def test_a_plain_success_with_code_200_is_success():
    body = b'{"code":200,"msg":"The operation of cancel all open order is done."}'
    assert read(200, body, HALF.cancel_all("BTCUSDT")) == Accepted(None)


@pytest.mark.parametrize(
    ("status", "body", "headers", "silence"),
    [
        (200, ACK, (), None),
        (400, error(-2019), (("retry-after", "5"),), None),
        (429, error(-1003), (("retry-after", "5"),), Silence(for_ms=5000)),
        (429, error(-1003), (), Silence()),
        (429, error(-1003), (("retry-after", "soon"),), Silence()),
        (429, error(-1015), (), Silence(pools=("orders", "orders-minute"))),
        (
            418,
            error(-1003, "Way too many requests; IP(1.2.3.4) banned until 1700000000000. Please"),
            (),
            Silence(until_ms=1700000000000, banned=True),
        ),
        (418, b"", (("retry-after", "120"),), Silence(for_ms=120_000, banned=True)),
    ],
)
def test_the_pause_asked_for_is_understood(status, body, headers, silence):
    assert HALF.silence(call(), WireReply(status, body, headers)) == silence


def test_usage_headers_are_read_and_nonsense_is_left_out():
    headers = (
        ("x-mbx-used-weight-1m", "-1"),
        ("x-mbx-order-count-10s", "7"),
        ("x-mbx-order-count-1m", "x"),
        ("content-length", "3"),
    )
    assert HALF.usage(call(), WireReply(200, b"", headers)) == {"orders": 7}


def test_codes_that_say_more_than_their_category():
    assert HALF.hint(Rejected(Category.STATE, "-4116", "")) is Hint.DUPLICATE
    assert HALF.hint(Rejected(Category.REQUEST, "-4061", "")) is Hint.WRONG_MODE
    assert HALF.hint(Rejected(Category.STATE, "-2019", "")) is None


SYMBOL = b"""{"symbol":"%s","pair":"BTCUSDT","contractType":"PERPETUAL",
"deliveryDate":4133404800000,"status":"%s","baseAsset":"BTC","quoteAsset":"USDT",
"marginAsset":"USDT","pricePrecision":2,"quantityPrecision":3,"filters":[
{"filterType":"PRICE_FILTER","minPrice":"261.10","maxPrice":"809484","tickSize":"0.10"},
{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},
{"filterType":"BRAND_NEW","x":1},{"filterType":"MIN_NOTIONAL","notional":"50"}]}"""


def test_instruments_are_read_exactly_and_oddities_do_not_spoil_the_rest():
    limits = (
        b'{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100},'
        b'{"rateLimitType":"NEW_KIND","interval":"DAY","intervalNum":1,"limit":1}'
    )
    symbols = [
        SYMBOL % (b"BTCUSDT", b"TRADING"),
        SYMBOL % (b"NEWUSDT", b"A_NEW_STATUS"),
        SYMBOL.replace(b"0.10", b"zero") % (b"BADUSDT", b"TRADING"),
        b'{"symbol":"EMPTY"}',
    ]
    body = b'{"rateLimits":[%s],"symbols":[%s]}' % (limits, b",".join(symbols))
    outcome = read(200, body, HALF.catalogue())
    assert isinstance(outcome, Accepted)
    first, second = outcome.value.instruments
    assert (first.tick, first.step, first.min_notional) == (
        Decimal("0.10"),
        Decimal("0.001"),
        Decimal(50),
    )
    assert (first.phase, second.phase) == (Phase.TRADING, Phase.UNKNOWN)
    assert first.expiry_ms is None
    assert [tuple(pool) for pool in outcome.value.pools] == [("orders", 100, 10_000)]


def test_positions_balances_and_fills_are_read_from_the_published_samples():
    row = (
        b'{"entryPrice":"6563.66500","breakEvenPrice":"0.0","marginType":"isolated",'
        b'"isAutoAddMargin":"false","isolatedMargin":"15517.54150468","leverage":"10",'
        b'"liquidationPrice":"5930.78","markPrice":"6679.50671178","maxNotionalValue":"20000000",'
        b'"positionAmt":"-20.000","notional":"0","isolatedWallet":"0","symbol":"BTCUSDT",'
        b'"unRealizedProfit":"2316.83423560","positionSide":"SHORT","updateTime":1625474304765}'
    )
    outcome = read(200, b"[" + row + b"]", HALF.positions())
    assert isinstance(outcome, Accepted)
    (held,) = outcome.value.rows
    assert held.at_ms == 1625474304765
    assert held.position.quantity == Decimal(-20)
    assert held.position.margin_mode is MarginMode.ISOLATED
    assert held.position.leverage == 10

    empty = b'[{"accountAlias":"x","asset":"BNFCR","balance":"","availableBalance":""}]'
    outcome = read(200, empty, HALF.balances())
    assert isinstance(outcome, Accepted)
    assert outcome.value[0].wallet == 0

    trade = (
        b'[{"buyer":false,"commission":"0.07819010","commissionAsset":"USDT","id":698759,'
        b'"maker":false,"orderId":25851813,"price":"7819.01","qty":"0.002",'
        b'"quoteQty":"15.63802","realizedPnl":"-0.91539999","side":"SELL",'
        b'"positionSide":"SHORT","symbol":"BTCUSDT","time":1569514978020}]'
    )
    outcome = read(200, trade, HALF.fills("BTCUSDT", after="", since_ms=0))
    assert isinstance(outcome, Accepted)
    fill, venue_id = outcome.value.rows[0]
    assert (fill.trade_id, venue_id, fill.quantity) == ("698759", "25851813", Decimal("0.002"))


def test_history_goes_on_after_the_last_trade_read():
    params = dict(HALF.fills("BTCUSDT", after="41", since_ms=5).params)
    assert params == {"symbol": "BTCUSDT", "fromId": "42", "limit": "1000"}
    params = dict(HALF.fills("BTCUSDT", after="", since_ms=5).params)
    assert params == {"symbol": "BTCUSDT", "startTime": "5", "limit": "1000"}
