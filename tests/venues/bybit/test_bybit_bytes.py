"""Whatever the bytes, the server half answers in the venue's words and never raises."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.model.study import Carried, Told
from conformance.model.wire import Frame, Reading, RoundTrip, Topic, WireReply, WireRequest
from conformance.venues.bybit import VENUE
from conformance.venues.bybit.facts import ENDPOINTS, FACTS
from tests.venues.bybit.booth import Booth

AT = 1_700_000_000_000
BRIEF = settings(max_examples=50, deadline=None)
READER = VENUE.interpreter()
NAMED = (
    "category symbol side orderType qty price timeInForce positionIdx orderLinkId orderId "
    "reduceOnly closeOnTrigger triggerPrice triggerDirection triggerBy takeProfit stopLoss "
    "tpslMode tpOrderType tpLimitPrice smpType settleCoin baseCoin limit cursor interval start "
    "startTime endTime buyLeverage sellLeverage mode coin coinName accountType setMarginMode "
    "margin autoAddMargin trailingStop activePrice tpSize slSize timeWindow product request "
    "modifyEnable intervalTime execType openOnly orderFilter bboSideType bboLevel "
    "slippageToleranceType slippageTolerance utaDemoApplyMoney riskId"
)
SAID = (
    "linear inverse spot BTCUSDT BTCUSD ETHUSDT Buy Sell Limit Market GTC IOC FOK PostOnly 0 1 2 "
    "0.01 60000 59000.10 -1 1e5 NaN Infinity true LastPrice MarkPrice Full Partial USDT UNIFIED "
    "StopOrder Order Queue TickSize % %ff ٣ ISOLATED_MARGIN REGULAR_MARGIN 1h D"
)
NAMES, WORDS = st.sampled_from(NAMED.split()), st.sampled_from(SAID.split())
INTEGERS = st.integers(-(2**63), 2**63 - 1)
LEAVES = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | WORDS
LEAVES |= st.sampled_from(["", "9" * 30, str(AT), "no such order"]) | st.text(max_size=6)
PARAMS = st.dictionaries(NAMES, LEAVES, max_size=9)
VALUES = LEAVES | st.lists(PARAMS | LEAVES, max_size=3)
ORDERS = st.fixed_dictionaries(
    {"category": st.sampled_from(["linear", "inverse"]), "symbol": WORDS},
    optional={"request": st.lists(PARAMS | LEAVES, max_size=3)},
)
BODIES = st.builds(lambda head, rest: {**rest, **head}, ORDERS, st.dictionaries(NAMES, VALUES))
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=8
)
RAW = st.binary(max_size=60) | JSON.map(orjson.dumps)
OPS = st.sampled_from(["subscribe", "unsubscribe", "auth", "ping", "pong", *FACTS["trade"]["ops"]])
TOPICS = st.sampled_from(
    ["order", "order.linear", "wallet", "dcp.future", "orderbook.50.BTCUSDT", "kline.M.BTCUSDT"]
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "op": OPS | LEAVES,
        "args": st.lists(TOPICS | LEAVES | BODIES, max_size=4) | LEAVES,
        "req_id": LEAVES,
        "reqId": LEAVES,
        "header": LEAVES | st.just({"X-BAPI-TIMESTAMP": str(AT)}),
    },
)


def busy():
    booth = Booth()
    booth.others("sell", 600_100, 50)
    booth.others("buy", 599_900, 50)
    booth.place(price="60010", orderLinkId="taken")
    return booth


@BRIEF
@given(
    place=st.sampled_from([(each.method, each.path) for each in ENDPOINTS.values()])
    | st.tuples(st.text(max_size=5), st.text(max_size=10)),
    query=RAW,
    body=RAW,
    headers=st.lists(st.tuples(st.sampled_from(list(FACTS["headers"].values())), WORDS)),
)
def test_any_bytes_are_read_and_answered(place, query, body, headers):
    booth = Booth()
    request = WireRequest(*place, query, tuple(headers), body)
    assert isinstance(booth.server.read(request, AT), Reading)
    reply = booth.server.handle(request, AT).reply
    assert reply.status in (200, 403, 404)
    assert reply.status == 403 or orjson.loads(reply.body)["retCode"] >= 0
    booth.server.code(reply)
    READER.study(request)


@BRIEF
@given(name=st.sampled_from(sorted(ENDPOINTS)), params=BODIES)
def test_any_signed_parameters_are_answered(name, params):
    endpoint, booth = ENDPOINTS[name], busy()
    booth.private("order", "execution", "execution.fast", "position", "wallet")
    if endpoint.method == "GET":
        params = {n: v for n, v in params.items() if isinstance(v, str) and v.isalnum()}
    reply = booth.ask(endpoint.method, endpoint.path, params, signed=endpoint.signed)
    assert isinstance(reply["retCode"], int)
    booth.pass_ms(1_000)


@BRIEF
@given(
    kind=st.sampled_from(["linear", "inverse", "spot", "option", "private", "trade"]),
    payload=RAW | MESSAGES.map(orjson.dumps),
    logged_on=st.booleans(),
)
def test_any_frame_is_answered(kind, payload, logged_on):
    booth = busy()
    booth.open(1, kind)
    if logged_on and kind in ("private", "trade"):
        booth.auth(1)
    pushes = booth.server.receive(1, payload, AT).pushes
    assert pushes
    for push in pushes:
        assert isinstance(orjson.loads(push.text), dict)
        assert isinstance(booth.server.topic(push.text), Topic)
    booth.pass_ms(1_000)
    booth.server.close(1, booth.at)
    READER.wishes(payload)


@BRIEF
@given(op=st.sampled_from(sorted(FACTS["trade"]["ops"])), params=BODIES)
def test_any_order_by_websocket_is_answered(op, params):
    booth = busy()
    booth.trade()
    assert isinstance(booth.call(5, op, params)["retCode"], int)


@BRIEF
@given(path=st.text(max_size=30), query=st.text(max_size=30))
def test_any_handshake_is_answered(path, query):
    booth = Booth()
    for where in (path, "/v5/private"):
        opened = booth.server.open(1, where, query, (), AT)
        assert opened.accepted or opened.reply is not None
    booth.server.private(path, query)


@BRIEF
@given(payload=RAW, topic=st.sampled_from(list(Topic)), status=st.sampled_from([200, 403, 500]))
def test_any_frame_and_any_answer_are_read(payload, topic, status):
    carried = READER.carried(Frame(1, 1, AT, False, "text", payload, topic))
    request = WireRequest("POST", "/v5/order/create", b"", (), payload)
    reading = Reading(operation=ENDPOINTS["orderbook"].operation)
    told = READER.told(RoundTrip(1, request, AT, reading, WireReply(status, payload), AT))
    assert (type(carried), type(told)) == (Carried, Told)
