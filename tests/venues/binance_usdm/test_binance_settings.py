"""Settings, histories and further reads of an account and of the market.

Source: usds-margined-futures/trade, account and market-data, 2026-05-28.
"""

from __future__ import annotations

import pytest

from conformance.model.commands import Deposit, SetIndex, SetMark
from conformance.venues.binance_usdm.facts import ERRORS

UNIT = 10**8
MARGIN = "/fapi/v1/positionMargin"
COUNTDOWN = "/fapi/v1/countdownCancelAll"
BTC = {"symbol": "BTCUSDT"}


@pytest.fixture
def isolated(counter):
    counter.ok("POST", "/fapi/v1/marginType", {**BTC, "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    counter.user_stream()
    return counter


def test_margin_moves_are_told_and_kept(isolated):
    reply = isolated.ok("POST", MARGIN, {**BTC, "amount": "12.5", "type": "1"})
    assert reply == {
        "amount": 12.5,
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": 1,
    }
    isolated.at += 1
    isolated.ok("POST", MARGIN, {**BTC, "amount": "2", "type": "2"})
    updates = [f["a"] for f in isolated.frames(1)]
    assert [update["m"] for update in updates] == ["MARGIN_TRANSFER", "MARGIN_TRANSFER"]
    assert updates[0]["P"][0]["mt"] == "isolated"
    assert updates[0]["B"][0]["bc"] == "0.00000000"
    history = "/fapi/v1/positionMargin/history"
    rows = isolated.ok("GET", history, BTC)
    assert [(row["type"], row["amount"]) for row in rows] == [(1, "12.50000000"), (2, "2.00000000")]
    assert {(row["deltaType"], row["positionSide"]) for row in rows} == {("USER_ADJUST", "BOTH")}
    assert isolated.ok("GET", history, {**BTC, "type": "2"}) == rows[1:]
    assert isolated.ok("GET", history, {**BTC, "limit": "1"}) == rows[1:]
    assert isolated.ok("GET", history, {**BTC, "endTime": isolated.at - 1}) == rows[:1]
    assert isolated.code("GET", history, {**BTC, "startTime": 9, "endTime": 1})[1] == -1023
    isolated.at += 31 * 86_400_000
    assert isolated.ok("GET", history, BTC) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (-1102, {"amount": None}),
        (-1102, {"amount": "some"}),
        (-1111, {"amount": "0.000000001"}),
        (-4055, {"amount": "-1"}),
        (-4055, {"amount": "0"}),
        (-1102, {"type": None}),
        (-1130, {"type": "3"}),
        (-4061, {"positionSide": "LONG"}),
        (-4060, {"positionSide": "UP"}),
        (-4050, {"amount": "2000000"}),
        (-4051, {"amount": "25", "type": "2"}),
        (-4049, {"symbol": "ETHUSDT"}),
    ],
)
def test_a_margin_move_is_refused_with_the_documented_code(isolated, code, changes):
    sent = {**BTC, "amount": "1", "type": "1", **changes}
    sent = {name: value for name, value in sent.items() if value is not None}
    assert isolated.code("POST", MARGIN, sent) == (ERRORS[code].status, code)


def test_a_flat_leg_takes_no_margin(isolated):
    isolated.ok("POST", "/fapi/v1/marginType", {"symbol": "SOLUSDT", "marginType": "ISOLATED"})
    sent = {"symbol": "SOLUSDT", "amount": "1", "type": "1"}
    assert isolated.code("POST", MARGIN, sent)[1] == -4054


def test_a_countdown_cancels_what_rests_unless_it_is_renewed(counter):
    counter.user_stream()
    counter.place(newClientOrderId="resting")
    counter.place(newClientOrderId="other", symbol="ETHUSDT", price="2950", quantity="0.1")
    reply = counter.ok("POST", COUNTDOWN, {**BTC, "countdownTime": 10_000})
    assert reply == {"symbol": "BTCUSDT", "countdownTime": "10000"}
    counter.until_quiet(counter.at + 9_000)
    counter.ok("POST", COUNTDOWN, {**BTC, "countdownTime": 10_000})
    counter.until_quiet(counter.at + 9_000)
    assert len(counter.core.open_orders("testee")) == 2
    counter.frames()
    counter.until_quiet(counter.at + 1_000)
    (frame,) = counter.frames(1)
    assert (frame["o"]["c"], frame["o"]["x"]) == ("resting", "CANCELED")
    assert [order.client_id for order in counter.core.open_orders("testee")] == ["other"]


def test_a_countdown_of_zero_is_called_off(counter):
    counter.place()
    counter.ok("POST", COUNTDOWN, {**BTC, "countdownTime": 1_000})
    counter.ok("POST", COUNTDOWN, {**BTC, "countdownTime": 0})
    counter.until_quiet(counter.at + 5_000)
    assert len(counter.core.open_orders("testee")) == 1
    assert counter.code("POST", COUNTDOWN, BTC)[1] == -1102
    assert counter.code("POST", COUNTDOWN, {**BTC, "countdownTime": -1})[1] == -1130


def test_amendments_are_kept_newest_first(counter):
    counter.place(newClientOrderId="mine")
    for price, modify in (("59100", "1"), ("59200", None)):
        counter.at += 1
        sent = {**BTC, "side": "BUY", "quantity": "0.010", "price": price}
        sent |= {"origClientOrderId": "mine"} | ({"modifyId": modify} if modify else {})
        counter.ok("PUT", "/fapi/v1/order", sent)
    path = "/fapi/v1/orderAmendment"
    new, old = counter.ok("GET", path, {**BTC, "origClientOrderId": "mine"})
    assert new["amendment"]["price"] == {"before": "59100.00", "after": "59200.00"}
    assert (new["amendment"]["count"], old["amendment"]["count"]) == (2, 1)
    assert old["amendment"]["modifyId"] == 1
    assert "modifyId" not in new["amendment"]
    assert counter.ok("GET", path, {**BTC, "limit": 1}) == [new]
    assert counter.ok("GET", path, {**BTC, "endTime": old["time"]}) == [old]
    assert counter.code("GET", path, {**BTC, "orderId": 7})[1] == -2013
    assert counter.code("GET", path, {**BTC, "startTime": 2, "endTime": 1})[1] == -1023
    assert counter.code("GET", path, {**BTC, "limit": 101})[1] == -1130


def test_a_matched_amendment_names_its_match(counter):
    counter.others("buy", 599_000, 5)
    counter.place(newClientOrderId="mine")
    sent = {**BTC, "side": "BUY", "quantity": "0.010", "priceMatch": "QUEUE"}
    counter.ok("PUT", "/fapi/v1/order", {**sent, "origClientOrderId": "mine"})
    (row,) = counter.ok("GET", "/fapi/v1/orderAmendment", BTC)
    assert row["priceMatch"] == "QUEUE"


def test_income_tells_profit_commission_and_transfers(counter):
    counter.others("sell", 600_000, 10)
    counter.others("buy", 599_000, 10)
    counter.at += 1_000
    counter.close("0.010", side="BUY")
    counter.close("0.010")
    rows = counter.ok("GET", "/fapi/v1/income")
    # 600 x 0.05 % and 599 x 0.05 %
    assert [(row["incomeType"], row["income"]) for row in rows] == [
        ("TRANSFER", "1000000.00000000"),
        ("COMMISSION", "-0.30000000"),
        ("REALIZED_PNL", "-1.00000000"),
        ("COMMISSION", "-0.29950000"),
    ]
    assert [row["tradeId"] for row in rows] == ["", "1", "2", "2"]
    assert len(counter.ok("GET", "/fapi/v1/income", BTC)) == 3
    assert counter.ok("GET", "/fapi/v1/income", {"limit": 1}) == rows[-1:]
    assert counter.ok("GET", "/fapi/v1/income", {"startTime": counter.at, "limit": 2}) == rows[1:3]
    assert counter.ok("GET", "/fapi/v1/income", {"endTime": counter.at - 1}) == rows[:1]
    assert counter.code("GET", "/fapi/v1/income", {"incomeType": "LUCK"})[1] == -1130
    assert counter.code("GET", "/fapi/v1/income", {"startTime": 2, "endTime": 1})[1] == -1023
    counter.at += 8 * 86_400_000
    assert counter.ok("GET", "/fapi/v1/income") == []
    assert len(counter.ok("GET", "/fapi/v1/income", {"startTime": 1})) == 4
    counter.at += 90 * 86_400_000
    assert counter.ok("GET", "/fapi/v1/income", {"startTime": 1}) == []


def test_fee_burn_is_a_choice(counter):
    assert counter.ok("GET", "/fapi/v1/feeBurn") == {"feeBurn": True}
    counter.ok("POST", "/fapi/v1/feeBurn", {"feeBurn": "false"})
    assert counter.ok("GET", "/fapi/v1/feeBurn") == {"feeBurn": False}
    assert counter.ok("GET", "/fapi/v2/account")["feeBurn"] is False
    counter.ok("POST", "/fapi/v1/feeBurn", {"feeBurn": "true"})
    assert counter.ok("GET", "/fapi/v1/feeBurn") == {"feeBurn": True}
    assert counter.code("POST", "/fapi/v1/feeBurn", {"feeBurn": "maybe"})[1] == -1102


MULTI = "/fapi/v1/multiAssetsMargin"


def test_multi_assets_mode_is_chosen_told_and_read(counter):
    counter.user_stream()
    assert counter.ok("GET", MULTI) == {"multiAssetsMargin": False}
    counter.ok("POST", MULTI, {"multiAssetsMargin": "true"})
    assert counter.ok("GET", MULTI) == {"multiAssetsMargin": True}
    (frame,) = counter.frames(1)
    assert (frame["e"], frame["ai"]) == ("ACCOUNT_CONFIG_UPDATE", {"j": True})
    assert counter.ok("GET", "/fapi/v1/accountConfig")["multiAssetsMargin"] is True
    assert counter.code("POST", MULTI, {"multiAssetsMargin": "true"})[1] == -4171
    isolating = {**BTC, "marginType": "ISOLATED"}
    assert counter.code("POST", "/fapi/v1/marginType", isolating)[1] == -4168


def test_multi_assets_mode_waits_for_orders_and_isolated_symbols(counter):
    counter.place()
    assert counter.code("POST", MULTI, {"multiAssetsMargin": "true"})[1] == -4170
    counter.ok("DELETE", "/fapi/v1/allOpenOrders", BTC)
    counter.ok("POST", "/fapi/v1/marginType", {**BTC, "marginType": "ISOLATED"})
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    assert counter.code("POST", MULTI, {"multiAssetsMargin": "true"})[1] == -4167
    assert counter.code("POST", MULTI, {"multiAssetsMargin": "both"})[1] == -1102


def test_in_multi_assets_mode_everything_counts_in_dollars(counter):
    counter.command(Deposit("testee", "BTC", 2 * UNIT))
    counter.command(SetIndex("BTCUSDT", 50_000 * UNIT))
    alone = counter.ok("GET", "/fapi/v3/account")
    assert alone["totalWalletBalance"] == "1000000.00000000"
    counter.ok("POST", MULTI, {"multiAssetsMargin": "true"})
    joint = counter.ok("GET", "/fapi/v3/account")
    # 1 000 000 and 2 BTC at 50 000; free is what is left after the haircut of 5 %
    assert joint["totalWalletBalance"] == "1100000.00000000"
    assert joint["availableBalance"] == "1095000.00000000"
    row = counter.ok("GET", "/fapi/v1/assetIndex", {"symbol": "BTCUSD"}, signed=False)
    assert (row["index"], row["bidBuffer"], row["bidRate"]) == (
        "50000.00000000",
        "0.05000000",
        "47500.00000000",
    )
    counter.open(2, "/market/ws/btcusd@assetIndex")
    counter.until_quiet(counter.at + 1_000)
    assert [frame["i"] for frame in counter.frames(2)] == ["50000.00000000"]
    names = {row["asset"]: row["marginAvailable"] for row in counter.ok("GET", "/fapi/v2/balance")}
    assert names == {"USDT": True, "BTC": True}
    assert counter.place()["status"] == "NEW"


def test_gauges_are_told_as_candles(counter):
    opened = counter.at // 60_000 * 60_000
    for price in (60_100, 59_900, 60_050):
        counter.at += 1_000
        counter.command(SetMark("BTCUSDT", price * UNIT))
    counter.command(SetIndex("BTCUSDT", 60_000 * UNIT))
    counter.at = opened + 150_000
    minute = {"interval": "1m"}
    rows = counter.ok("GET", "/fapi/v1/markPriceKlines", {**BTC, **minute}, signed=False)
    first = rows[0]
    assert (first[0], first[2], first[3], first[4]) == (
        opened,
        "60100.00000000",
        "59900.00000000",
        "60050.00000000",
    )
    assert [row[0] - opened for row in rows] == [0, 60_000, 120_000]
    assert rows[1][1:5] == ["60050.00000000"] * 4
    pair = {"pair": "BTCUSDT", **minute}
    index = counter.ok("GET", "/fapi/v1/indexPriceKlines", pair, signed=False)
    assert index[-1][4] == "60000.00000000"
    premium = counter.ok("GET", "/fapi/v1/premiumIndexKlines", {**BTC, **minute}, signed=False)
    # the premium of 60050 over an index of 60000
    assert premium[-1][4] == "0.00083333"
    since = {**BTC, **minute, "startTime": opened + 60_000, "limit": 1}
    assert counter.ok("GET", "/fapi/v1/markPriceKlines", since, signed=False) == rows[1:2]


@pytest.mark.parametrize(
    ("code", "path", "params"),
    [
        (-4144, "indexPriceKlines", {"pair": "NONE", "interval": "1m"}),
        (-1102, "indexPriceKlines", {"interval": "1m"}),
        (-1120, "markPriceKlines", {"symbol": "BTCUSDT", "interval": "1s"}),
        (-4104, "continuousKlines", {"pair": "BTCUSDT", "contractType": "X", "interval": "1m"}),
        (-1121, "assetIndex", {"symbol": "ADAUSD"}),
        (-1121, "indexInfo", {"symbol": "DEFIUSDT"}),
        (-4021, "rpiDepth", {"symbol": "BTCUSDT", "limit": "100"}),
        (-1023, "fundingRate", {"startTime": "2", "endTime": "1"}),
    ],
)
def test_further_public_requests_are_refused_with_the_documented_code(counter, code, path, params):
    assert counter.code("GET", f"/fapi/v1/{path}", params, signed=False)[1] == code


def test_only_the_perpetual_of_a_pair_has_candles(counter):
    counter.others("sell", 600_000, 10)
    counter.close("0.010", side="BUY")
    sent = {"pair": "BTCUSDT", "interval": "1m", "contractType": "CURRENT_QUARTER"}
    assert counter.ok("GET", "/fapi/v1/continuousKlines", sent, signed=False) == []
    sent["contractType"] = "PERPETUAL"
    rows = counter.ok("GET", "/fapi/v1/continuousKlines", sent, signed=False)
    plain = counter.ok("GET", "/fapi/v1/klines", {**BTC, "interval": "1m"}, signed=False)
    assert rows == plain != []


@pytest.mark.parametrize(("chosen", "body"), [("bare", b"SUCCESS"), ("json", b'{"code":200')])
def test_the_agreement_is_answered_bare_or_as_json(make_counter, chosen, body):
    counter = make_counter(agreement_reply=chosen)
    served = counter.send("POST", "/fapi/v1/stock/contract")
    assert (served.reply.status, served.reply.body[: len(body)]) == (200, body)


def test_a_second_transfer_is_an_income_too(counter):
    counter.at += 1
    counter.command(Deposit("testee", "USDT", -UNIT))
    rows = counter.ok("GET", "/fapi/v1/income", {"incomeType": "TRANSFER"})
    assert [row["income"] for row in rows] == ["1000000.00000000", "-1.00000000"]
