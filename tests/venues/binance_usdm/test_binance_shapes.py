"""Every reply and event has exactly the names and types that captures and models show."""

from __future__ import annotations

import pytest

from conformance.model.commands import SetLeverage
from conformance.venues.binance_usdm.facts import ENDPOINTS
from tests.venues.binance_usdm.busy import ask, stage
from tests.venues.shape import faults, misfits


@pytest.fixture
def busy(make_counter):
    return stage(make_counter)


EMPTY = {
    "ping",
    "listen-key-close",
    "index-info",
    "force-orders",
    "capital-config",
    "margin-pairs",
    "isolated-pairs",
}
"""Endpoints whose reply here carries no rows."""


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_answers_in_its_shape(busy, name):
    reply = ask(busy, name)
    assert misfits(name, reply) == []
    assert reply or name in EMPTY


@pytest.mark.parametrize(
    "name", ["premium-index", "ticker-24h", "ticker-price", "ticker-price-v1", "book-ticker"]
)
def test_without_a_symbol_the_tickers_are_arrays(busy, name):
    endpoint = ENDPOINTS[name]
    rows = busy.ok("GET", endpoint.path, signed=False)
    assert len(rows) == len(busy.venue.listings)
    for row in rows:
        assert misfits(name, row) == []


@pytest.mark.parametrize(
    "name", ["positions-v2", "symbol-config", "leverage-bracket", "open-orders", "all-orders"]
)
def test_without_a_symbol_the_lists_cover_all_symbols(busy, name):
    rows = busy.ok("GET", ENDPOINTS[name].path)
    assert rows
    assert misfits(name, rows) == []


def test_a_refusal_has_a_code_and_a_message(counter):
    status, body = counter.ask("GET", "/fapi/v1/order", {"symbol": "NONE", "orderId": "1"})
    assert status == 400
    assert misfits("refusal", body) == []


@pytest.mark.parametrize(
    ("stream", "shape"),
    [
        ("btcusdt@depth", "stream-depth"),
        ("btcusdt@depth@100ms", "stream-depth"),
        ("btcusdt@depth@0ms", "stream-depth"),
        ("btcusdt@depth5@500ms", "stream-depth-top"),
        ("btcusdt@bookTicker", "stream-book-ticker"),
        ("!bookTicker", "stream-book-ticker"),
        ("btcusdt@trade", "stream-trade"),
        ("btcusdt@aggTrade", "stream-agg-trade"),
        ("btcusdt@markPrice", "stream-mark-price"),
        ("btcusdt@markPrice@1s", "stream-mark-price"),
        ("!markPrice@arr", "stream-mark-prices"),
        ("!markPrice@arr@1s", "stream-mark-prices"),
        ("btcusdt@kline_1m", "stream-kline"),
        ("btcusdt@kline_1w", "stream-kline"),
        ("btcusdt@kline_1M", "stream-kline"),
        ("btcusdt@miniTicker", "stream-mini-ticker"),
        ("!miniTicker@arr", "stream-mini-tickers"),
        ("btcusdt@ticker", "stream-ticker"),
        ("!ticker@arr", "stream-tickers"),
        ("btcusdt_perpetual@continuousKline_1m", "stream-continuous-kline"),
        ("btcusdt@rpiDepth@500ms", "stream-depth"),
        ("!assetIndex@arr", "stream-asset-indexes"),
        ("usdtusd@assetIndex", "stream-asset-index"),
    ],
)
def test_every_market_stream_pushes_in_its_shape(make_counter, stream, shape):
    counter = make_counter(wrong_route="serve")
    counter.open(7, f"/market/ws/{stream}")
    counter.others("sell", 600_100, 6)
    counter.others("buy", None, 5, account="testee")
    counter.until_quiet(counter.at + 6_000)
    frames = counter.frames(7)
    assert frames
    for frame in frames:
        assert misfits(shape, frame) == []


def test_user_events_come_in_their_shapes(counter):
    counter.user_stream()
    counter.others("sell", 600_000, 5)
    order = counter.place(price="60000", quantity="0.010")
    counter.ok(
        "PUT",
        "/fapi/v1/order",
        {
            "symbol": "BTCUSDT",
            "orderId": order["orderId"],
            "side": "BUY",
            "quantity": "0.011",
            "price": "59000",
            "modifyId": "3",
        },
    )
    counter.ok("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    counter.command(SetLeverage("testee", "BTCUSDT", 7))
    counter.ok("POST", "/fapi/v1/marginType", {"symbol": "SOLUSDT", "marginType": "ISOLATED"})
    counter.ok("DELETE", "/fapi/v1/algoOrder", {"algoId": counter.wait()["algoId"]})
    counter.pushes.extend(counter.server.expire_stream_key("testee", counter.at))
    names = {
        "ORDER_TRADE_UPDATE": "user-order-trade-update",
        "ACCOUNT_UPDATE": "user-account-update",
        "TRADE_LITE": "user-trade-lite",
        "ACCOUNT_CONFIG_UPDATE": "user-account-config-update",
        "listenKeyExpired": "user-listen-key-expired",
        "ALGO_UPDATE": "user-algo-update",
    }
    frames = counter.frames(1)
    assert {frame["e"] for frame in frames} == names.keys()
    for frame in frames:
        assert misfits(names[frame["e"]], frame) == []


def test_the_check_itself_finds_every_kind_of_fault():
    shape = {
        "a": "string",
        "b?": "integer",
        "c": [["string", "integer"]],
        "d": [],
        "m": {"*": "string"},
    }
    good = {"a": "x", "c": [["x", 1]], "d": [], "m": {"any": "x"}}
    assert list(faults(shape, good)) == []
    for bad in (
        {**good, "a": 1},
        {**good, "b": "1"},
        {**good, "b": True},
        {**good, "e": 1},
        {"c": [], "d": [], "m": {}},
        {**good, "c": [["x"]]},
        {**good, "c": {}},
        {**good, "d": [1]},
        {**good, "m": {"any": 1}},
    ):
        assert list(faults(shape, bad)), bad
