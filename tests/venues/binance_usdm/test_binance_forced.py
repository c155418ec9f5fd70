"""What the venue does to an account: margin calls, liquidation, deleveraging, delivery, funding.

Source: usds-margined-futures/user-data-streams Event-Order-Update and
Event-Balance-and-Position-Update, 2026-05-28; change log 2026-08-07.
"""

from __future__ import annotations

import pytest

from conformance.model.commands import (
    Deposit,
    SetDelivery,
    SetFunding,
    SetMark,
    SetPhase,
    SettleFunding,
)
from conformance.model.ids import INSURANCE
from conformance.model.instruments import Phase
from tests.venues.shape import misfits

UNIT = 10**8


def mark(counter, price):
    counter.command(SetMark("BTCUSDT", price * UNIT))


@pytest.fixture
def thin(counter):
    """An account of 10 000 that holds 3 BTC at 60 000, with 0.5 to sell into, and a listener."""
    counter.command(Deposit("testee", "USDT", -990_000 * UNIT))
    counter.others("sell", 600_000, 3_000)
    counter.close("3.0", side="BUY")
    counter.others("buy", 590_000, 500)
    counter.place(price="58000", newClientOrderId="resting")
    counter.user_stream()
    counter.open(2, "/market/stream", "streams=!forceOrder@arr/btcusdt@forceOrder")
    return counter


def events(counter, name):
    return [frame for frame in counter.frames() if frame.get("e") == name]


def over_a_boundary(counter):
    """Let eight hours begin, with a listener: a listen key lives for one."""
    eight_h = 8 * 3_600_000
    boundary = (counter.at // eight_h + 1) * eight_h
    counter.until_quiet(boundary - 60_000)
    counter.user_stream()
    counter.until_quiet(boundary + 60_000)


def test_margin_is_called_before_it_is_used_up(thin):
    mark(thin, 57_000)
    (call,) = events(thin, "MARGIN_CALL")
    assert misfits("user-margin-call", call) == []
    assert call["cw"] == "9910.00000000"
    assert [(p["s"], p["mt"], p["mp"]) for p in call["p"]] == [
        ("BTCUSDT", "CROSSED", "57000.00000000")
    ]


def test_an_isolated_leg_is_called_without_the_cross_wallet(counter):
    counter.ok("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.user_stream()
    mark(counter, 57_300)
    (call,) = events(counter, "MARGIN_CALL")
    assert "cw" not in call
    assert call["p"][0]["mt"] == "ISOLATED"


def test_a_liquidation_expires_orders_and_closes_the_leg(thin):
    mark(thin, 56_800)
    updates = [f["o"] for f in events(thin, "ORDER_TRADE_UPDATE")]
    first = updates[0]
    assert (first["c"], first["X"], first["er"]) == ("resting", "EXPIRED", "5")
    forced = [row for row in updates if row["c"].startswith("autoclose-")]
    assert [row["x"] for row in forced[:3]] == ["NEW", "TRADE", "CALCULATED"]
    assert {(row["o"], row["f"]) for row in forced} == {("LIMIT", "IOC")}
    # what the fund takes over costs no commission: N and n are absent
    assert "N" in updates[0] or "N" not in forced[2]
    assert thin.core.positions("testee", "BTCUSDT")[0].lots == 0


def test_the_fund_is_told_apart_from_the_trades(thin):
    mark(thin, 56_800)
    reasons = [f["a"]["m"] for f in events(thin, "ACCOUNT_UPDATE")]
    assert reasons[0] == "ORDER"
    assert "INSURANCE_CLEAR" in reasons
    kinds = {row["incomeType"] for row in thin.ok("GET", "/fapi/v1/income")}
    assert {"INSURANCE_CLEAR", "REALIZED_PNL", "TRANSFER"} <= kinds
    fund = thin.ok("GET", "/fapi/v1/insuranceBalance", {"symbol": "BTCUSDT"}, signed=False)
    assert misfits("insurance", fund) == []
    assert float(fund["assets"][0]["marginBalance"]) > 0


def test_forced_orders_are_listed_by_kind(thin):
    mark(thin, 56_800)
    rows = thin.ok("GET", "/fapi/v1/forceOrders", {"symbol": "BTCUSDT"})
    assert rows
    assert misfits("force-orders", rows) == []
    assert all(row["clientOrderId"].startswith("autoclose-") for row in rows)
    assert thin.ok("GET", "/fapi/v1/forceOrders", {"autoCloseType": "LIQUIDATION"}) == rows
    assert thin.ok("GET", "/fapi/v1/forceOrders", {"autoCloseType": "ADL"}) == []
    assert thin.code("GET", "/fapi/v1/forceOrders", {"autoCloseType": "X"})[1] == -1130


def test_the_largest_liquidation_of_a_second_is_pushed(thin):
    thin.frames()
    mark(thin, 56_800)
    thin.frames()
    thin.until_quiet(thin.at + 1_000)
    frames = thin.frames(2)
    assert {frame["stream"] for frame in frames} == {"!forceOrder@arr", "btcusdt@forceOrder"}
    for frame in frames:
        assert misfits("stream-force-order", frame["data"]) == []
        assert frame["data"]["o"]["q"] == "2.120"


def test_a_counterparty_that_gives_up_its_leg_is_told_so(counter):
    # without a fund that bears it the other side is deleveraged
    counter.command(Deposit("debtor", "USDT", 10_000 * UNIT))
    counter.place(side="SELL", price="60000", quantity="3")
    counter.others("buy", None, 3_000, account="debtor")
    counter.user_stream()
    mark(counter, 56_700)
    rows = [f["o"] for f in events(counter, "ORDER_TRADE_UPDATE")]
    assert {row["c"] for row in rows} == {"adl_autoclose"}
    assert "TRADE" in {row["x"] for row in rows}
    listed = counter.ok("GET", "/fapi/v1/forceOrders", {"autoCloseType": "ADL"})
    assert {row["clientOrderId"] for row in listed} == {"adl_autoclose"}
    assert INSURANCE not in {row["clientOrderId"] for row in listed}


def test_the_queue_for_deleveraging_can_be_read(thin):
    rows = thin.ok("GET", "/fapi/v1/adlQuantile")
    assert misfits("adl-quantile", rows) == []
    assert [row["symbol"] for row in rows] == ["BTCUSDT"]
    mark(thin, 61_000)
    risk = thin.ok("GET", "/fapi/v1/symbolAdlRisk", {"symbol": "BTCUSDT"}, signed=False)
    assert risk["adlRisk"] in ("low", "medium", "high")
    every = thin.ok("GET", "/fapi/v1/symbolAdlRisk", signed=False)
    assert len(every) == len(thin.venue.listings)


def test_funding_is_charged_told_and_kept(counter):
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.command(SetFunding("BTCUSDT", 10_000, 8))
    over_a_boundary(counter)
    (update,) = events(counter, "ACCOUNT_UPDATE")
    assert misfits("user-account-update", update) == []
    # 0.01 % of 600; cross funding names the symbol and changes the balance only
    assert (update["a"]["m"], update["a"]["S"], update["a"]["P"]) == ("FUNDING_FEE", "BTCUSDT", [])
    assert update["a"]["B"][0]["bc"] == "-0.06000000"
    boundary = update["E"]
    assert boundary % (8 * 3_600_000) == 0
    (row,) = counter.ok("GET", "/fapi/v1/fundingRate", {"symbol": "BTCUSDT"}, signed=False)
    assert row == {
        "symbol": "BTCUSDT",
        "fundingTime": boundary,
        "fundingRate": "0.00010000",
        "markPrice": "60000.00000000",
        "rateType": "Regular",
    }
    income = counter.ok("GET", "/fapi/v1/income", {"incomeType": "FUNDING_FEE"})
    assert [(r["income"], r["time"], r["symbol"]) for r in income] == [
        ("-0.06000000", boundary, "BTCUSDT")
    ]


def test_isolated_funding_changes_the_position_too(counter):
    counter.ok("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.user_stream()
    counter.command(SettleFunding("BTCUSDT", 20_000))
    (update,) = events(counter, "ACCOUNT_UPDATE")
    assert [row["s"] for row in update["a"]["P"]] == ["BTCUSDT"]
    (row,) = counter.ok("GET", "/fapi/v1/income", {"incomeType": "SPECIAL_FUNDING_FEE"})
    assert row["income"] == "-0.12000000"
    (rate,) = counter.ok("GET", "/fapi/v1/fundingRate", signed=False)
    assert rate["rateType"] == "Special"


def test_each_funding_names_its_own_symbol(counter):
    counter.others("sell", 600_000, 10)
    counter.others("sell", 300_000, 10_000, symbol="ETHUSDT")
    counter.close("0.010", side="BUY")
    counter.close("0.1", side="BUY", symbol="ETHUSDT")
    for symbol in ("BTCUSDT", "ETHUSDT"):
        counter.command(SetFunding(symbol, 10_000, 8))
    over_a_boundary(counter)
    assert [f["a"]["S"] for f in events(counter, "ACCOUNT_UPDATE")] == ["BTCUSDT", "ETHUSDT"]


def test_the_predicted_rate_is_the_one_that_will_be_charged(counter):
    quiet = counter.ok("GET", "/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, signed=False)
    assert quiet["lastFundingRate"] == "0.00000000"
    counter.command(SetFunding("BTCUSDT", -25_000, 4))
    row = counter.ok("GET", "/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, signed=False)
    assert row["lastFundingRate"] == "-0.00025000"
    assert row["nextFundingTime"] % (4 * 3_600_000) == 0
    (info,) = counter.ok("GET", "/fapi/v1/fundingInfo", signed=False)
    assert (info["symbol"], info["fundingIntervalHours"]) == ("BTCUSDT", 4)


def test_a_delisting_expires_orders_and_settles_positions(counter):
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.place(newClientOrderId="resting")
    counter.user_stream()
    counter.open(2, "/market/ws/!contractInfo")
    counter.command(SetDelivery("BTCUSDT", counter.at + 3_600_000))
    info = counter.ok("GET", "/fapi/v1/exchangeInfo", signed=False)["symbols"][0]
    assert info["deliveryDate"] == counter.at + 3_600_000
    counter.until_quiet(counter.at + 4_000_000)
    frames = counter.frames()
    phases = [f for f in frames if f["e"] == "contractInfo"]
    assert [f["cs"] for f in phases] == ["PRE_SETTLE", "SETTLING", "CLOSE"]
    for frame in phases:
        assert misfits("stream-contract-info", frame) == []
    updates = [f["o"] for f in frames if f["e"] == "ORDER_TRADE_UPDATE"]
    assert ("resting", "7") in {(row["c"], row["er"]) for row in updates}
    assert any(row["c"].startswith("settlement_autoclose-") for row in updates)
    assert counter.core.positions("testee", "BTCUSDT")[0].lots == 0
    assert counter.code("POST", "/fapi/v1/order", counter.limit())[1] == -4141


def test_a_moved_phase_is_pushed_at_once(counter):
    counter.open(2, "/market/ws/!contractInfo")
    counter.command(SetPhase("ETHUSDT", Phase.HALTED))
    (frame,) = counter.frames(2)
    assert (frame["s"], frame["cs"]) == ("ETHUSDT", "TRADING_HALT")
