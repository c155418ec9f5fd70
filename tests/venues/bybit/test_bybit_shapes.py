"""Every reply and push has the names and types that the documentation and captures show.

The shapes under ``fixtures/shapes/bybit`` say where each comes from, and what only one source has.
"""

from __future__ import annotations

import pytest

from conformance.model.commands import SetFunding, SetMark
from conformance.resources import data
from conformance.venues.bybit.facts import ENDPOINTS
from tests.venues.bybit.booth import Booth, misfits

BTC = {"category": "linear", "symbol": "BTCUSDT"}
HOUR_MS = 3600 * 1000
REQUESTS = {
    "kline": {"interval": "60"},
    "mark-kline": {"interval": "60"},
    "index-kline": {"interval": "60"},
    "premium-kline": {"interval": "60"},
    "open-interest": {"intervalTime": "1h"},
    "account-ratio": {"period": "1h"},
    "create": {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "59000"},
    "pre-check": {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "59000"},
    "amend": {"orderLinkId": "resting", "qty": "0.02"},
    "cancel": {"orderLinkId": "resting"},
    "create-batch": {
        "request": [
            {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0.01"},
            {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0"},
        ]
    },
    "amend-batch": {"request": [{"symbol": "BTCUSDT", "orderLinkId": "resting", "qty": "0.02"}]},
    "cancel-batch": {"request": [{"symbol": "BTCUSDT", "orderLinkId": "no such"}]},
    "set-leverage": {"buyLeverage": "7", "sellLeverage": "7"},
    "switch-mode": {"symbol": "SOLUSDT", "mode": 3},
    "trading-stop": {"takeProfit": "70000", "tpslMode": "Full", "positionIdx": 0},
    "add-margin": {"margin": "10"},
    "auto-add-margin": {"autoAddMargin": 1},
    "set-risk-limit": {"riskId": 1},
    "set-tpsl-mode": {"tpSlMode": "Full"},
    "set-dcp": {"timeWindow": 40, "product": "DERIVATIVES"},
    "wallet": {"accountType": "UNIFIED"},
    "withdrawal": {"coinName": "USDT,BTC"},
    "set-margin-mode": {"setMarginMode": "ISOLATED_MARGIN"},
    "set-limit-px-action": {"modifyEnable": True},
    "set-collateral": {"coin": "BTC", "collateralSwitch": "ON"},
    "borrow-history": {"category": ""},
    "set-hedging-mode": {"setHedgingMode": "OFF"},
    "demo-money": {"utaDemoApplyMoney": [{"coin": "USDT", "amountStr": "100"}]},
}
FLAT = {"switch-mode", "set-margin-mode"}
"""Refused while orders rest or a position is open."""
ISOLATED = {"add-margin", "auto-add-margin"}
REFUSED = {"confirm-mmr", "switch-isolated"}
"""Never anything to confirm, nor to switch, here."""
ROWS = {
    "instruments", "tickers", "recent-trade", "kline", "funding-history", "risk-limit",
    "realtime", "history", "executions", "positions", "symbol-info", "closed-pnl", "wallet",
    "fee-rate", "transaction-log", "open-interest", "account-ratio", "own-instruments",
    "mark-kline", "index-kline",
}  # fmt: skip
"""Lists that hold something here."""


def busy(name):
    """Return a booth at which there is something to tell of everything."""
    booth = Booth(environment="demo" if name == "demo-money" else "testnet")
    if name in ISOLATED:
        booth.ok("POST", "/v5/account/set-margin-mode", {"setMarginMode": "ISOLATED_MARGIN"})
    booth.others("sell", 600_100, 50)
    booth.others("buy", 599_900, 50)
    if name not in FLAT:
        booth.place(price="60010", qty="0.010", orderLinkId="taken")
        booth.place(price="59000", orderLinkId="resting")
        booth.place(triggerPrice="65000", triggerDirection=1, price="65000", orderLinkId="waiting")
        booth.place(price="58000", orderLinkId="gone")
        booth.ok("POST", "/v5/order/cancel", {**BTC, "orderLinkId": "gone"})
        booth.place(side="Sell", price="59990", qty="0.004", reduceOnly=True)
        booth.command(SetFunding("BTCUSDT", 10_000, 1))
        booth.pass_ms(2 * HOUR_MS)
        booth.command(SetMark("BTCUSDT", 60_100 * 10**8))
    return booth


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_answers_in_its_shape(name):
    endpoint, booth = ENDPOINTS[name], busy(name)
    params = {**BTC, **REQUESTS.get(name, {})}
    reply = booth.ask(endpoint.method, endpoint.path, params, signed=endpoint.signed)
    if name in REFUSED:
        assert reply["retCode"]
        assert misfits("refusal", reply) == []
        return
    assert reply["retCode"] == 0, reply
    assert misfits(endpoint.path.removeprefix("/v5/").replace("/", "-"), reply) == []
    assert name not in ROWS or reply["result"]["list"]


@pytest.mark.parametrize("category", ["linear", "inverse"])
def test_tickers_and_instruments_of_a_whole_line_keep_their_shape(category):
    booth = busy("tickers")
    for path in ("market/tickers", "market/instruments-info"):
        reply = booth.ask("GET", f"/v5/{path}", {"category": category}, signed=False)
        assert misfits(path.replace("/", "-"), reply) == []


@pytest.mark.parametrize(
    ("topic", "shape"),
    [
        ("orderbook.1.BTCUSDT", "topic-orderbook"),
        ("orderbook.50.BTCUSDT", "topic-orderbook"),
        ("orderbook.200.BTCUSDT", "topic-orderbook"),
        ("orderbook.1000.BTCUSDT", "topic-orderbook"),
        ("orderbook.rpi.BTCUSDT", "topic-orderbook-rpi"),
        ("publicTrade.BTCUSDT", "topic-trade"),
        ("kline.1.BTCUSDT", "topic-kline"),
        ("kline.D.BTCUSDT", "topic-kline"),
        ("kline.M.BTCUSDT", "topic-kline"),
        ("priceLimit.BTCUSDT", "topic-price-limit"),
    ],
)
def test_every_public_topic_pushes_in_its_shape(topic, shape):
    booth = busy("none")
    booth.open(1)
    frames = booth.subscribe(1, topic)[1:]
    booth.others("buy", 600_200, 5, account="testee")
    booth.others("sell", 602_000, 5)
    booth.pass_ms(1_000)
    frames += booth.frames(1)
    assert frames
    for frame in frames:
        assert frame["topic"] == topic
        assert misfits(shape, frame) == []


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSD"])
def test_a_ticker_is_whole_at_first_and_partial_afterwards(symbol):
    booth = Booth()
    booth.open(1, "inverse" if symbol == "BTCUSD" else "linear")
    [_, first] = booth.subscribe(1, f"tickers.{symbol}")
    booth.others("sell", 600_100, 5, symbol=symbol)
    booth.pass_ms(100)
    [told] = booth.frames(1)
    assert misfits("topic-ticker", first) == []
    assert misfits("topic-ticker-delta", told) == []


def test_a_dated_future_has_fields_of_its_own():
    booth = Booth()
    booth.open(1)
    [_, first] = booth.subscribe(1, "tickers.BTCUSDT-29DEC28")
    assert misfits("topic-ticker-future", first) == []


def test_account_events_come_in_their_shapes():
    booth = busy("none")
    booth.private("order", "execution", "execution.fast", "position", "wallet")
    booth.place(price="60010", qty="0.002")
    booth.place(triggerPrice="65000", triggerDirection=1, price="65000")
    booth.pass_ms(HOUR_MS)
    names = {
        "order": "topic-order",
        "execution": "topic-execution",
        "execution.fast": "topic-execution-fast",
        "position": "topic-position",
        "wallet": "topic-wallet",
    }
    frames = booth.frames(9)
    assert {frame["topic"] for frame in frames} == names.keys()
    for frame in frames:
        assert misfits(names[frame["topic"]], frame) == []


def test_control_messages_are_answered_in_their_shapes():
    booth = Booth()
    kinds = {1: "linear", 2: "spot", 3: "option", 4: "private", 5: "trade"}
    for stream, kind in kinds.items():
        booth.open(stream, kind)
    [pong] = booth.send(1, {"op": "ping"})
    assert misfits("pong-public", pong) == []
    assert misfits("pong-spot", booth.send(2, {"op": "ping"})[0]) == []
    assert misfits("pong-option", booth.send(3, {"op": "ping"})[0]) == []
    assert misfits("pong-private", booth.send(4, {"op": "ping", "req_id": 1})[0]) == []
    assert misfits("trade-pong", booth.send(5, {"op": "ping"})[0]) == []
    assert misfits("ack-public", booth.subscribe(1, "tickers.BTCUSDT")[0]) == []
    assert misfits("ack-spot", booth.subscribe(2, "tickers.BTCUSDT")[0]) == []
    assert misfits("ack-private", booth.auth(4)) == []
    assert misfits("ack-private", booth.subscribe(4, "order")[0]) == []
    assert misfits("trade-auth", booth.auth(5)) == []


def test_orders_by_websocket_are_answered_in_their_shapes():
    booth = Booth()
    booth.trade()
    order, rows = booth.order(), {"category": "linear", "request": [booth.order()]}
    refused = booth.call(5, "order.cancel", {**BTC, "orderId": "x"}, number="2")
    created = booth.call(5, "order.create-batch", rows, number="3")
    assert misfits("trade-order", booth.call(5, "order.create", order)) == []
    assert misfits("trade-refusal", refused) == []
    assert misfits("trade-create-batch", created) == []
    assert misfits("trade-batch", booth.call(5, "order.cancel-batch", rows, number="4")) == []


def test_no_shape_is_left_unjudged():
    served = {e.path.removeprefix("/v5/").replace("/", "-") for e in ENDPOINTS.values()}
    kept = {path.stem for path in data("fixtures", "shapes", "bybit").glob("*.json")}
    others = {name for name in kept - served if not name.startswith(("topic-", "trade-"))}
    assert others == {
        "ack-private", "ack-public", "ack-spot",
        "pong-option", "pong-private", "pong-public", "pong-spot", "refusal",
    }  # fmt: skip
