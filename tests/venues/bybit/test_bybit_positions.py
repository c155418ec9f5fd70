"""Positions, their margins and settings; the wallet.

Rules: docs/v5/position and account, 2026-07-24; margins: help centre, 2025-09-18.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.commands import SetIndex, SetMark
from tests.venues.bybit.booth import Booth

UNIT = 10**8
BTC = {"category": "linear", "symbol": "BTCUSDT"}
ETH = {"category": "linear", "symbol": "ETHUSDT"}
COIN = {"category": "inverse", "symbol": "BTCUSD"}
LIST, LEVERAGE = "/v5/position/list", "/v5/position/set-leverage"
MODE, ADD = "/v5/position/switch-mode", "/v5/position/add-margin"
MARGIN = "/v5/account/set-margin-mode"
WALLET = "/v5/account/wallet-balance"
EMPTY = ("side", "positionValue", "unrealisedPnl", "takeProfit", "stopLoss", "liqPrice")


@pytest.fixture
def booth():
    return Booth()


def held(booth, params=BTC):
    (row,) = booth.ok("GET", LIST, params)["list"]
    return row


def opened(booth, side, lots, ticks, params=BTC, **changes):
    """Open a position at a price, and return it."""
    other = "sell" if side == "Buy" else "buy"
    booth.others(other, ticks, lots, params["symbol"])
    step = booth.core.listings[params["symbol"]].step
    order = {**params, "side": side, "orderType": "Market", "price": None, "qty": str(step * lots)}
    booth.place(**order, **changes)
    return held(booth, params)


def near(shown, expected):
    return abs(Decimal(shown) - Decimal(expected)) <= Decimal("0.0000005")


def leverage(booth, value, params=BTC):
    booth.ok("POST", LEVERAGE, {**params, "buyLeverage": value, "sellLeverage": value})


def test_a_flat_leg_is_a_row_with_nothing_in_it(booth):
    row = held(booth)
    assert (row["size"], row["avgPrice"], row["positionIdx"]) == ("0.000", "0", 0)
    assert {row[name] for name in EMPTY} == {""}
    assert (row["seq"], row["leverage"], row["openTime"]) == (-1, "20", 0)
    assert booth.ok("GET", LIST, {"category": "linear", "settleCoin": "USDT"})["list"] == []
    assert booth.ask("GET", LIST, {"category": "linear"})["retCode"] == 10001
    assert booth.ok("GET", LIST, {"category": "inverse"})["list"] == []


def test_margins_are_those_of_the_help_centre(booth):
    """Long 0.5 BTC from 50000 at 10x with mark 50500: 2525 and a fee of 12.375."""
    booth.command(SetMark("BTCUSDT", 50_000 * UNIT))
    booth.command(SetIndex("BTCUSDT", 50_000 * UNIT))
    leverage(booth, "10")
    opened(booth, "Buy", 500, 500_000)
    booth.command(SetMark("BTCUSDT", 50_500 * UNIT))
    row = held(booth)
    assert row["positionIM"] == "2537.375"
    assert row["positionMM"] == "138.625"  # 0.5 % of 25250, and the fee
    assert (row["positionValue"], row["unrealisedPnl"]) == ("25000", "250")


def test_margins_are_those_of_a_captured_position(booth):
    """Short 0.01 ETH from 3642.075 at 30x with mark 3642.33 (nautilus_trader, 2025-11-03)."""
    booth.command(SetMark("ETHUSDT", 364_233 * 10**6))
    booth.command(SetIndex("ETHUSDT", 364_233 * 10**6))
    leverage(booth, "30", ETH)
    row = opened(booth, "Sell", 1, 364_208, ETH)
    fee = Decimal("36.4208") * (1 + Decimal(1) / 30) * Decimal("0.00055")
    assert near(row["positionIM"], Decimal("36.4233") / 30 + fee)
    assert near(row["positionMM"], Decimal("0.1821165") + fee)


def test_an_inverse_position_counts_in_coin(booth):
    """300 dollars short from 27464.5, mark 28224.5: the sample's -0.00029413 (position/list)."""
    for command in (SetMark, SetIndex):
        booth.command(command("BTCUSD", 27_464 * UNIT))
    row = opened(booth, "Sell", 300, 274_645, COIN)
    booth.command(SetMark("BTCUSD", 282_245 * UNIT // 10))
    row = held(booth, COIN)
    assert (row["side"], row["size"], row["avgPrice"]) == ("Sell", "300", "27464.5")
    assert row["positionValue"] == "0.01092319"
    assert row["unrealisedPnl"] == "-0.00029412"
    value = Decimal(300) / Decimal("28224.5")
    # A short of an inverse contract is bankrupt at a higher price, where it is worth less.
    fee = Decimal("0.01092319") * (1 - Decimal(1) / 20) * Decimal("0.00055")
    assert near(row["positionIM"], value / 20 + fee)


@pytest.mark.parametrize(("side", "price"), [("Buy", "45253.7"), ("Sell", "54699.00")])
def test_an_isolated_position_has_a_liquidation_price_of_its_own(booth, side, price):
    """One BTC from 50000 at 10x with 0.5 %: (50000 -+ 5000 +- 27.5 of fee) / (1 -+ 0.005)."""
    booth.command(SetMark("BTCUSDT", 50_000 * UNIT))
    booth.ok("POST", MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})
    leverage(booth, "10")
    row = opened(booth, side, 1000, 500_000)
    assert abs(Decimal(row["liqPrice"]) - Decimal(price)) < 1
    assert row["positionBalance"] == "4972.5"


def test_fees_and_fills_make_the_break_even_price(booth):
    row = opened(booth, "Buy", 10, 600_000)
    # (600 - -0.33) / (0.01 - 0.01 x 0.00055)
    assert near(row["breakEvenPrice"], "60066.03631998")
    assert (row["curRealisedPnl"], row["cumRealisedPnl"]) == ("-0.33", "-0.33")
    assert row["riskLimitValue"] == "2000000"
    assert row["adlRankIndicator"] == 5


def test_what_a_position_brought_is_counted_anew_and_for_ever(booth):
    opened(booth, "Buy", 10, 600_000)
    booth.others("buy", 601_000, 10)
    booth.place(side="Sell", orderType="Market", price=None)
    row = opened(booth, "Buy", 10, 600_000)
    assert row["curRealisedPnl"] == "-0.33"
    assert row["cumRealisedPnl"] == "0.00945"  # 1 - 2 x 0.33 - 0.33055


# Settings


@pytest.mark.parametrize(
    ("buys", "sells", "code"),
    [("5", "6", 10001), ("0", "0", 110013), ("2.5", "2.5", 110013), ("x", "x", 10001)],
)
def test_leverage_is_whole_and_the_same_for_both_sides(booth, buys, sells, code):
    asked = {**BTC, "buyLeverage": buys, "sellLeverage": sells}
    assert booth.ask("POST", LEVERAGE, asked)["retCode"] == code


def test_leverage_is_told_without_a_position(booth):
    leverage(booth, "7")
    (row,) = booth.ok("GET", "/v5/position/symbol-info", BTC)["list"]
    assert row == {"symbol": "BTCUSDT", "leverage": "7", "side": "", "positionIdx": 0}
    rows = booth.ok("GET", "/v5/position/symbol-info", {"category": "linear"})["list"]
    assert {row["symbol"]: row["leverage"] for row in rows} == {
        "BTCUSDT": "7",
        "ETHUSDT": "20",
        "SOLUSDT": "20",
        "BTCUSDT-29DEC28": "20",
    }


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({**BTC, "mode": 3}, 0),
        ({"category": "linear", "coin": "USDT", "mode": 3}, 0),
        ({"category": "linear", "mode": 3}, 10001),
        ({"category": "linear", "mode": 0}, 110025),
        ({"category": "linear", "coin": "USDC", "mode": 3}, 110029),
        ({**BTC, "mode": 1}, 10001),
        ({"category": "linear", "symbol": "BTCUSDT-29DEC28", "mode": 3}, 110029),
        ({"category": "linear", "symbol": "BTCUSDT-29DEC28", "mode": 0}, 110025),
    ],
)
def test_the_position_mode_is_switched_for_perpetuals(booth, asked, code):
    assert booth.ask("POST", MODE, asked)["retCode"] == code
    rows = booth.ok("GET", LIST, BTC)["list"]
    assert [row["positionIdx"] for row in rows] == ([0] if code else [2, 1])


def test_the_margin_mode_is_that_of_all_symbols_or_stays(booth):
    booth.ok("POST", MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})
    assert booth.ok("GET", "/v5/account/info")["marginMode"] == "ISOLATED_MARGIN"
    wallet = booth.ok("GET", WALLET, {"accountType": "UNIFIED"})["list"][0]
    assert wallet["totalInitialMargin"] == wallet["accountIMRate"] == ""
    booth.place(**ETH, price="2990", qty="0.1", orderLinkId="eth")
    booth.at += 1000
    reply = booth.ask("POST", MARGIN, {"setMarginMode": "REGULAR_MARGIN"})
    assert (reply["retCode"], reply["retMsg"]) == (3400045, "Set margin mode failed")
    (reason,) = reply["result"]["reasons"]
    assert reason["reasonMsg"] == "ETHUSDT has a position or open orders"
    booth.ok("POST", "/v5/order/cancel-all", ETH)
    modes = {str(booth.core.margin_mode("testee", symbol)) for symbol in booth.core.listings}
    assert modes == {"isolated"}
    assert booth.ok("POST", MARGIN, {"setMarginMode": "REGULAR_MARGIN"}) == {"reasons": []}
    assert booth.ok("POST", MARGIN, {"setMarginMode": "REGULAR_MARGIN"}) == {"reasons": []}
    assert booth.ask("POST", MARGIN, {"setMarginMode": "FREE"})["retCode"] == 10001


def test_margin_is_moved_into_an_isolated_position_and_out_of_it(booth):
    booth.ok("POST", MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})
    before = opened(booth, "Buy", 10, 600_000)
    told = booth.ok("POST", ADD, {**BTC, "margin": "10.5"})
    assert told["category"] == "linear"
    grown = Decimal(held(booth)["positionBalance"]) - Decimal(before["positionBalance"])
    assert grown == Decimal("10.5")
    booth.ok("POST", ADD, {**BTC, "margin": "-10"})
    grown = Decimal(held(booth)["positionBalance"]) - Decimal(before["positionBalance"])
    assert grown == Decimal("0.5")
    for amount in ("much", "1.00001"):
        assert booth.ask("POST", ADD, {**BTC, "margin": amount})["retMsg"] == (
            "params error: margin invalid"
        )


def test_auto_add_margin_is_told_again(booth):
    booth.ok("POST", MARGIN, {"setMarginMode": "ISOLATED_MARGIN"})
    path = "/v5/position/set-auto-add-margin"
    booth.ok("POST", path, {**BTC, "autoAddMargin": 1})
    assert held(booth)["autoAddMargin"] == 1
    booth.ok("POST", path, {**BTC, "autoAddMargin": 0})
    assert held(booth)["autoAddMargin"] == 0
    assert booth.ask("POST", path, {**COIN, "autoAddMargin": 1})["retCode"] == 10001


def test_settings_of_the_past_are_answered(booth):
    told = booth.ok("POST", "/v5/position/set-risk-limit", {**BTC, "riskId": 2})
    assert told == {"riskId": 2, "riskLimitValue": "10000000", "category": "linear"}
    told = booth.ok("POST", "/v5/position/set-tpsl-mode", {**BTC, "tpSlMode": "Full"})
    assert told == {"tpSlMode": "Full"}


def test_orders_cancel_themselves_where_the_switch_was_armed(booth):
    path = "/v5/order/disconnected-cancel-all"
    assert booth.ask("POST", path, {"timeWindow": 2, "product": "DERIVATIVES"})["retCode"] == 10001
    assert booth.ask("POST", path, {"timeWindow": 40, "product": "DERIVATIVES"}) == {
        "retCode": 0,
        "retMsg": "success",
    }
    (row,) = booth.ok("GET", "/v5/account/query-dcp-info")["dcpInfos"]
    assert row == {"product": "DERIVATIVES", "dcpStatus": "ON", "timeWindow": "40"}
    assert booth.ask("POST", path, {"timeWindow": 40, "product": "LINEAR"})["retCode"] == 10001
    fresh = Booth()
    assert fresh.ok("GET", "/v5/account/query-dcp-info") == {"dcpInfos": []}
    fresh.ask("POST", path, {"timeWindow": 30})
    (row,) = fresh.ok("GET", "/v5/account/query-dcp-info")["dcpInfos"]
    assert row == {"product": "OPTIONS", "dcpStatus": "ON", "timeWindow": "30"}


# Wallet


def test_a_wallet_is_worth_its_coins_at_their_index(booth):
    wallet = booth.ok("GET", WALLET, {"accountType": "UNIFIED"})["list"][0]
    assert wallet["totalEquity"] == "70000000"  # ten million, and 1000 BTC at 60000
    coins = {row["coin"]: row["usdValue"] for row in wallet["coin"]}
    assert coins == {"USDT": "10000000", "BTC": "60000000"}
    only = booth.ok("GET", WALLET, {"accountType": "UNIFIED", "coin": "BTC"})["list"][0]
    assert [row["coin"] for row in only["coin"]] == ["BTC"]
    assert booth.ask("GET", WALLET, {"accountType": "CONTRACT"})["retCode"] == 10001


def test_open_orders_and_positions_bind_margin(booth):
    booth.place(qty="1")
    wallet = booth.ok("GET", WALLET, {"accountType": "UNIFIED"})["list"][0]
    usdt = next(row for row in wallet["coin"] if row["coin"] == "USDT")
    assert (usdt["totalOrderIM"], usdt["totalPositionIM"]) == ("2995", "0")
    assert wallet["totalAvailableBalance"] == "69997005"
    free = booth.ok("GET", "/v5/account/withdrawal", {"coinName": "USDT,ETH"})
    assert free["availableWithdrawalMap"] == {"USDT": "9997005", "ETH": "0"}


def test_fees_are_those_of_everybody(booth):
    (row,) = booth.ok("GET", "/v5/account/fee-rate", BTC)["list"]
    assert row == {"symbol": "BTCUSDT", "takerFeeRate": "0.00055", "makerFeeRate": "0.0002"}
    assert len(booth.ok("GET", "/v5/account/fee-rate", {"category": "linear"})["list"]) == 4


def test_what_far_prices_do_has_to_be_said_and_is_said_of_futures(booth):
    path = "/v5/account/set-limit-px-action"
    assert booth.ask("POST", path, {"category": "linear"})["retCode"] == 10001
    booth.ok("POST", path, {"category": "spot", "modifyEnable": False})
    assert booth.ok("GET", "/v5/account/user-setting-config")["lpaPerp"] is False
    booth.ok("POST", path, {"category": "inverse", "modifyEnable": False})
    assert booth.ok("GET", "/v5/account/user-setting-config")["lpaPerp"] is True


def test_a_key_says_that_it_trades_a_unified_account(booth):
    told = booth.ok("GET", "/v5/user/query-api")
    assert (told["apiKey"], told["uta"], told["readOnly"]) == (booth.key.key, 1, 0)
    assert told["permissions"]["ContractTrade"] == ["Order", "Position"]
    assert booth.ok("GET", "/v5/account/smp-group") == {"smpGroup": 0}
    assert booth.ok("GET", "/v5/asset/coin/query-info") == {"rows": []}
    assert booth.ok("POST", "/v5/account/set-collateral-switch", {}) == {}
    record = booth.ok("GET", "/v5/asset/delivery-record", {"category": "linear"})
    assert record == {"category": "linear", "list": [], "nextPageCursor": ""}
