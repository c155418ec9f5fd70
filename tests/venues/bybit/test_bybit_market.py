"""Public market data by REST: instruments, books, trades, candles, tickers, tables.

Rules: docs/v5/market, 2026-07-24.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import (
    SetDelivery,
    SetFunding,
    SetIndex,
    SetMark,
    SetPhase,
    SetSettlement,
)
from conformance.model.instruments import Phase
from tests.venues.bybit.booth import Booth

UNIT = 10**8
MINUTE = 60_000
HOUR = 60 * MINUTE
BTC = {"category": "linear", "symbol": "BTCUSDT"}
COIN = {"category": "inverse", "symbol": "BTCUSD"}
DATED = {"category": "linear", "symbol": "BTCUSDT-29DEC28"}


@pytest.fixture
def booth():
    return Booth()


def public(booth, path, params=BTC, **more):
    return booth.ok("GET", f"/v5/market/{path}", {**params, **more}, signed=False)


def symbols(booth, **params):
    found = public(booth, "instruments-info", {}, **params)
    return [row["symbol"] for row in found["list"]]


def trade(booth, price, lots, symbol="BTCUSDT"):
    booth.others("sell", price, lots, symbol)
    booth.fund("maker")
    booth.others("buy", price, lots, symbol, account="maker")


def test_the_time_is_told_in_seconds_and_nanoseconds(booth):
    assert public(booth, "time", {}) == {
        "timeSecond": "1700000000",
        "timeNano": "1700000000000000000",
    }


def test_instruments_are_listed_by_category_and_state(booth):
    assert symbols(booth, **COIN | {"symbol": ""}) == ["BTCUSD"]
    assert symbols(booth, category="linear")[0] == "BTCUSDT"
    assert symbols(booth, category="linear", baseCoin="ETH") == ["ETHUSDT"]
    for category in ("linear", "inverse"):  # a base coin names contracts of either
        found = symbols(booth, category=category, baseCoin="BTC")
        assert found == ["BTCUSDT", "BTCUSDT-29DEC28", "BTCUSD"]
    assert symbols(booth, category="option", baseCoin="BTC") == []
    assert symbols(booth, category="linear", status="PreLaunch") == []
    assert symbols(booth, category="spot") == symbols(booth, category="option") == []
    for path in ("/v5/market/instruments-info", "/v5/account/instruments-info"):
        assert booth.ask("GET", path, {})["retMsg"] == "Illegal category"
    booth.command(SetPhase("BTCUSDT", Phase.CLOSED))
    assert "BTCUSDT" not in symbols(booth, category="linear")
    assert symbols(booth, category="linear", status="Closed") == ["BTCUSDT"]
    assert symbols(booth, **BTC) == ["BTCUSDT"]


def test_pages_of_instruments_end(booth):
    page = public(booth, "instruments-info", {"category": "linear"}, limit=3)
    assert len(page["list"]) == 3
    sent = {"category": "linear", "limit": 3, "cursor": page["nextPageCursor"]}
    rest = public(booth, "instruments-info", sent)
    assert (len(rest["list"]), rest["nextPageCursor"]) == (1, "")


def test_an_instrument_is_described_as_the_sample_is(booth):
    (row,) = public(booth, "instruments-info")["list"]
    # docs/v5/market/instrument, sample of 2025-01-02
    assert row["priceFilter"] == {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"}
    filters = row["lotSizeFilter"]
    assert (filters["maxOrderQty"], filters["maxMktOrderQty"]) == ("1190.000", "500.000")
    assert (filters["minOrderQty"], filters["minNotionalValue"]) == ("0.001", "5")
    assert row["riskParameters"] == {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"}
    assert (row["fundingInterval"], row["lowerFundingRate"]) == (480, "-0.00375")
    (dated,) = public(booth, "instruments-info", DATED)["list"]
    assert (dated["deliveryTime"], dated["contractType"]) == ("1861689600000", "LinearFutures")
    assert dated["upperFundingRate"] == dated["lowerFundingRate"] == ""
    (own,) = booth.ok("GET", "/v5/account/instruments-info", BTC)["list"]
    assert own["isPublicRpi"] is own["myRpiPermission"] is False


def test_a_book_is_told_without_padding(booth):
    booth.others("buy", 599_900, 100)
    booth.others("buy", 599_800, 5)
    booth.others("sell", 600_005, 100)
    book = public(booth, "orderbook", limit=1)
    assert (book["s"], book["b"], book["a"]) == (
        "BTCUSDT",
        [["59990", "0.100"]],
        [["60000.5", "0.100"]],
    )
    before = book["seq"]
    booth.at += 5
    booth.others("sell", 600_006, 1)
    book = public(booth, "orderbook")
    assert (book["cts"], book["ts"], len(book["b"])) == (booth.at, booth.at, 2)
    assert book["seq"] > before
    assert public(booth, "full_orderbook")["b"] == book["b"]
    assert public(booth, "rpi_orderbook")["b"][0] == ["59990", "0.100", "0"]
    assert booth.ask("GET", "/v5/market/orderbook", {**BTC, "limit": 1001})["retCode"] == 10001


def test_trades_come_newest_first(booth):
    trade(booth, 600_000, 10)
    trade(booth, 600_100, 20)
    rows = public(booth, "recent-trade", limit=5)["list"]
    assert [(row["price"], row["size"], row["side"]) for row in rows] == [
        ("60010.00", "0.020", "Buy"),
        ("60000.00", "0.010", "Buy"),
    ]
    assert int(rows[0]["seq"]) > int(rows[1]["seq"])
    assert len(public(booth, "recent-trade", limit=1)["list"]) == 1


def test_candles_come_newest_first_and_quiet_ones_are_flat(booth):
    booth.at -= booth.at % MINUTE
    start = booth.at
    trade(booth, 600_000, 10)
    trade(booth, 600_100, 20)
    booth.at += 2 * MINUTE
    trade(booth, 599_000, 10)
    rows = public(booth, "kline", interval="1")["list"]
    assert rows == [
        [str(start + 2 * MINUTE), "59900", "59900", "59900", "59900", "0.010", "599"],
        [str(start + MINUTE), "60010", "60010", "60010", "60010", "0.000", "0"],
        [str(start), "60000", "60010", "60000", "60010", "0.030", "1800.2"],
    ]
    assert public(booth, "kline", interval="1", limit=1)["list"] == rows[:1]
    assert public(booth, "kline", interval="1", start=start + 1)["list"] == rows[:2]
    assert public(booth, "kline", interval="1", end=start)["list"] == rows[2:]
    assert len(public(booth, "kline", {"symbol": "BTCUSDT"}, interval="D")["list"]) == 1
    (row,) = public(booth, "kline", {**BTC, "symbol": "ETHUSDT"}, interval="W")["list"]
    assert row[1:] == ["3000", "3000", "3000", "3000", "0.00", "0"]  # where it stands untraded
    assert booth.ask("GET", "/v5/market/kline", {**BTC, "interval": "2"})["retCode"] == 10001


def test_an_inverse_candle_turns_over_coin(booth):
    trade(booth, 600_000, 600, "BTCUSD")
    (row,) = public(booth, "kline", COIN, interval="M")["list"]
    assert row[5:] == ["600", "0.01"]


def test_mark_index_and_premium_are_told_as_candles(booth):
    booth.at -= booth.at % MINUTE
    booth.command(SetMark("BTCUSDT", 60_600 * UNIT))
    booth.at += 1000
    booth.command(SetMark("BTCUSDT", 60_300 * UNIT))
    booth.command(SetIndex("BTCUSDT", 60_000 * UNIT))
    opened = str(booth.at - 1000)
    rows = public(booth, "mark-price-kline", interval="1")["list"]
    assert rows == [[opened, "60600", "60600", "60300", "60300"]]
    (row,) = public(booth, "premium-index-price-kline", interval="1")["list"]
    assert row[1:] == ["0.01", "0.01", "0.005", "0.005"]
    assert public(booth, "index-price-kline", interval="1")["list"][0][1] == "60000"
    late = public(booth, "index-price-kline", interval="1", start=booth.at + MINUTE)
    assert late["list"] == []
    asked = {**COIN, "interval": "1"}
    assert booth.ask("GET", "/v5/market/premium-index-price-kline", asked)["retCode"] == 10001


def test_a_ticker_tells_perpetuals_and_futures_apart(booth):
    booth.others("buy", 599_900, 100)
    (row,) = public(booth, "tickers")["list"]
    assert (row["bid1Price"], row["ask1Price"], row["lastPrice"]) == ("59990.00", "", "60000.00")
    assert (row["fundingIntervalHour"], row["deliveryTime"], row["basis"]) == ("8", "0", "")
    (dated,) = public(booth, "tickers", DATED)["list"]
    assert (dated["deliveryTime"], dated["fundingRate"]) == ("1861689600000", "")
    assert dated["basis"] != ""
    assert "tickDirection" not in row
    assert len(public(booth, "tickers", {"category": "linear"})["list"]) == 4


def test_fundings_come_newest_first_and_a_beginning_wants_an_end(booth):
    booth.command(SetFunding("BTCUSDT", -2_500, 8))
    booth.pass_ms(17 * HOUR)
    rows = public(booth, "funding/history")["list"]
    assert [row["fundingRate"] for row in rows] == ["-0.000025"] * 2
    stamps = [int(row["fundingRateTimestamp"]) for row in rows]
    assert stamps[0] - stamps[1] == 8 * HOUR
    assert len(public(booth, "funding/history", endTime=stamps[1])["list"]) == 1
    both = public(booth, "funding/history", startTime=stamps[0], endTime=booth.at)
    assert both["list"] == rows[:1]
    asked = {**BTC, "startTime": stamps[1]}
    assert booth.ask("GET", "/v5/market/funding/history", asked)["retCode"] == 10001


def test_open_interest_counts_both_sides(booth):
    trade(booth, 600_000, 10)
    (row,) = public(booth, "open-interest", intervalTime="5min")["list"]
    assert (row["openInterest"], row["singleOpenInterest"]) == ("0.020", "0.010")
    assert int(row["timestamp"]) % (5 * MINUTE) == 0
    assert booth.ask("GET", "/v5/market/open-interest", BTC)["retCode"] == 10001


def test_holders_of_long_and_short_positions_are_told_as_shares(booth):
    path, asked = "/v5/market/account-ratio", {**BTC, "period": "1h"}
    assert booth.ok("GET", path, asked)["list"] == []
    booth.fund("third")
    booth.others("sell", 600_000, 10)
    booth.others("sell", 600_000, 10, account="third")
    booth.place(orderType="Market", price=None, qty="0.020")
    (row,) = booth.ok("GET", path, asked)["list"]
    assert (row["buyRatio"], row["sellRatio"]) == ("0.3333", "0.6667")
    assert int(row["timestamp"]) % 3_600_000 == 0 <= booth.at - int(row["timestamp"]) < 3_600_000
    assert booth.ask("GET", path, BTC)["retCode"] == 10001


def test_tiers_are_told_as_fractions(booth):
    rows = public(booth, "risk-limit")["list"]
    first, second = rows[:2]
    assert (first["id"], first["isLowestRisk"], first["mmDeduction"]) == (1, 1, "")
    assert (first["maintenanceMargin"], first["initialMargin"]) == ("0.005", "0.01")
    assert second["mmDeduction"] == "10000"  # two million at half a percent more
    for row in rows:
        whole = Decimal(row["initialMargin"]) * Decimal(row["maxLeverage"])
        assert abs(whole - 1) < Decimal("0.000001")


@pytest.mark.parametrize("fixed", [True, False])
def test_a_delivery_is_told_with_its_price(booth, fixed):
    assert public(booth, "delivery-price", {"category": "linear"})["list"] == []
    symbol = DATED["symbol"]
    if fixed:
        booth.command(SetSettlement(symbol, 61_000 * UNIT))
    booth.command(SetDelivery(symbol, booth.at + HOUR))
    booth.pass_ms(2 * HOUR)
    (row,) = public(booth, "delivery-price", DATED)["list"]
    assert row["deliveryPrice"] == ("61000" if fixed else "60500")
    assert row["deliveryTime"] == str(booth.at - HOUR)
    line = {"category": "linear"}
    assert public(booth, "delivery-price", line)["list"] == []  # of those that settle in USDC
    assert public(booth, "delivery-price", {**line, "settleCoin": "USDT"})["list"] == [row]


def test_the_insurance_fund_of_a_coin_stands_behind_all_its_contracts(booth):
    (row,) = public(booth, "insurance", {}, coin="BTC")["list"]
    assert row == {"coin": "BTC", "symbols": "BTCUSD", "balance": "0", "value": "0"}
    assert [each["coin"] for each in public(booth, "insurance", {})["list"]] == ["USDT", "BTC"]
    (alert,) = public(booth, "adlAlert", {"symbol": "BTCUSD"})["list"]
    assert (alert["coin"], alert["maxBalance"]) == ("BTC", "")


def test_no_maintenance_is_announced(booth):
    assert booth.ok("GET", "/v5/system/status", {}, signed=False) == {"list": []}
