"""The public streams: what is answered to control messages, and what books and feeds tell.

Expected words are those of the documentation's samples and of captures (see ``facts.toml``).
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from conformance.model.commands import Deposit, SetFunding, SetLeverage, SetMark, SetPhase
from conformance.model.ids import INSURANCE
from conformance.model.instruments import Phase
from conformance.venues.bybit.facts import FACTS
from tests.venues.bybit.booth import Booth, misfits


@pytest.fixture
def booth():
    return Booth()


@pytest.fixture
def linear(booth):
    booth.open(1)
    return booth


# Control messages


def test_pongs_of_a_public_stream_are_called_ping(linear):
    [said] = linear.send(1, {"op": "ping"})
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", said.pop("conn_id"))
    assert said == {"success": True, "ret_msg": "pong", "req_id": "", "op": "ping"}


@pytest.mark.parametrize("number", ["100001", 7, "", 1.5])
def test_the_number_of_a_request_is_echoed_as_it_came(linear, number):
    assert linear.send(1, {"op": "ping", "req_id": number})[0]["req_id"] == number
    [acked] = linear.send(1, {"op": "subscribe", "req_id": number, "args": ["publicTrade.BTCUSDT"]})
    assert acked["req_id"] == number


def test_frames_are_compact_because_clients_look_for_bytes(linear):
    linear.send(1, {"op": "ping"})
    assert b'"ret_msg":"pong"' in linear.received.pushes[0].text


def test_every_kind_of_stream_words_its_pong_its_own_way(booth):
    for stream, kind in ((2, "spot"), (3, "option"), (4, "private"), (5, "trade")):
        assert booth.open(stream, kind).accepted
    assert booth.send(2, {"op": "ping"})[0].keys() == {"success", "ret_msg", "conn_id", "op"}
    assert booth.send(3, {"op": "ping"}) == [{"args": [str(booth.at)], "op": "pong"}]
    [private] = booth.send(4, {"op": "ping", "req_id": "test"})
    assert list(private) == ["req_id", "op", "args", "conn_id"]
    assert (private["op"], private["args"]) == ("pong", [str(booth.at)])
    [trade] = booth.send(5, {"op": "ping"})
    assert list(trade) == ["retCode", "retMsg", "op", "data", "connId"]
    assert (trade["op"], trade["data"]) == ("pong", [str(booth.at)])


def test_a_pong_of_the_client_wants_no_answer(linear):
    assert linear.send(1, {"op": "pong"}) == []


def test_topics_of_product_lines_without_listings_do_not_exist(booth):
    booth.open(2, "spot")
    assert not booth.subscribe(2, "orderbook.1.BTCUSDT")[0]["success"]
    booth.open(3, "option")
    [said] = booth.subscribe(3, "orderbook.25.BTC-6JAN23-17500-C")
    assert said["type"] == "COMMAND_RESP"
    assert said["data"]["failTopics"] == ["orderbook.25.BTC-6JAN23-17500-C"]
    [said] = booth.send(3, {"op": "unsubscribe", "args": ["tickers.X"]})
    assert said["data"] == {"failTopics": [], "successTopics": ["tickers.X"]}


def test_spot_takes_ten_topics_at_a_time(booth):
    booth.open(2, "spot")
    assert booth.subscribe(2, *["tickers.BTCUSDT"] * 11)[0]["ret_msg"] == "args size >10"


def test_topics_of_a_connection_have_a_length_together(linear):
    names = [f"orderbook.50.{'X' * 1000}{number}" for number in range(21)]
    assert "21000" in linear.subscribe(1, *names)[0]["ret_msg"]


@pytest.mark.parametrize(
    "topic",
    [
        "orderbook.500.BTCUSDT",
        "orderbook.050.BTCUSDT",
        "orderbook.BTCUSDT",
        "kline.7.BTCUSDT",
        "tickers.NOSUCH",
        "tickers.1.BTCUSDT",
        "tickers.BTCUSD",
        "publicTrade",
        "order",
        "system.status",
        "",
    ],
)
def test_one_unknown_topic_refuses_the_whole_request(linear, topic):
    [said] = linear.subscribe(1, "publicTrade.BTCUSDT", topic)
    assert not said["success"]
    assert said["ret_msg"] == f"error:handler not found,topic:{topic}"
    assert linear.subscribe(1, "publicTrade.BTCUSDT")[0]["success"]


def test_a_topic_is_subscribed_to_once(linear):
    assert linear.subscribe(1, "tickers.BTCUSDT")[0]["success"]
    text = "error:already subscribed,topic:tickers.BTCUSDT"
    assert linear.subscribe(1, "kline.1.BTCUSDT", "tickers.BTCUSDT")[0]["ret_msg"] == text
    assert linear.subscribe(1, "kline.1.BTCUSDT", "kline.1.BTCUSDT")[0]["success"] is False
    assert linear.send(1, {"op": "unsubscribe", "args": ["tickers.BTCUSDT"]})[0]["success"]
    assert linear.subscribe(1, "tickers.BTCUSDT")[0]["success"]


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"ping", "Failed to decode incoming data"),
        (b"[1]", "Failed to decode incoming data"),
        (b'{"op":"subscribe","args":[{"op":"subscribe"}]}', "Failed to decode incoming data"),
        (b'{"op":"subscribe","args":"tickers.BTCUSDT"}', "Failed to decode incoming data"),
        (b'{"args":[]}', "error:invalid op"),
        (b'{"op":"login"}', "error:invalid op"),
        (b'{"op":"auth","args":["k",1,"s"]}', "error:invalid op"),
        (b'{"op":"subscribe"}', "Params Error"),
    ],
)
def test_what_is_no_control_message_is_refused(linear, payload, text):
    [said] = linear.send(1, payload)
    assert (said["success"], said["ret_msg"]) == (False, text)


def test_an_unknown_operation_is_shown_as_it_was_sent(linear):
    sent = {"op": "login", "args": ["k"], "req_id": "9"}
    assert linear.send(1, sent)[0]["request"] == sent
    assert "request" not in linear.subscribe(1, "no such topic")[0]


def test_connections_are_counted_where_the_switch_says_so():
    booth = Booth(connections_max=2)
    assert booth.open(1).accepted
    booth.at += 100_000
    assert booth.open(2, "trade").accepted
    refused = booth.open(3, "private")
    assert (refused.accepted, refused.reply.status) == (False, 403)
    booth.at += 200_000  # five minutes after the first
    assert booth.open(3, "private").accepted


def test_only_published_paths_are_there(booth):
    for path in ("/v5/public/linear", "/v5/private", "/v5/trade", "/v5/public/misc/status"):
        assert booth.open(1, path).accepted
    for path in ("/v5/public", "/realtime", "/"):
        opened = booth.open(1, path)
        assert (opened.accepted, opened.reply.status) == (False, 404)


def test_the_demo_environment_has_no_trade_stream():
    assert not Booth(environment="demo").open(1, "trade").accepted


def test_shared_pools_and_maintenance_are_acknowledged_and_silent(booth):
    booth.open(1)
    booth.open(2, "/v5/public/misc/status")
    assert booth.subscribe(1, "insurance.USDT", "insurance.inverse")[0]["success"]
    assert booth.subscribe(2, "system.status")[0]["success"]
    booth.others("sell", 600_000, 5)
    booth.pass_ms(10_000)
    assert booth.frames() == []


def test_a_stream_unknown_says_nothing(booth):
    assert booth.send(77, {"op": "ping"}) == []


# Idle connections


@pytest.mark.parametrize(
    ("query", "length_ms"),
    [
        ("", 600_000),
        ("max_active_time=45s", 45_000),
        ("max_active_time=1m", 60_000),
        ("max_active_time=5s", 30_000),
        ("max_active_time=99m", 600_000),
        ("max_active_time=soon", 600_000),
    ],
)
def test_an_idle_connection_is_cut_when_the_ticker_finds_it(booth, query, length_ms):
    booth.open(1, "private", query)
    due = booth.server.due()
    assert booth.at + length_ms <= due < booth.at + length_ms + 30_000
    assert due % 30_000 == 0
    booth.pass_ms(due - booth.at)
    [cut] = booth.pushes
    assert (cut.stream, cut.text) == (1, b"")
    assert cut.close_code == FACTS["streams"]["close_code"]


def test_a_ping_or_data_keep_a_connection(booth):
    booth.open(1, query="max_active_time=60s")
    booth.open(2, query="max_active_time=60s")
    booth.subscribe(2, "orderbook.50.BTCUSDT")
    for step in range(10):
        booth.pass_ms(25_000)
        booth.send(1, {"op": "ping"})
        booth.others("sell", 600_000 + step, 5)
    assert not [push for push in booth.pushes if push.close_code]
    booth.pass_ms(100_000)
    assert sorted(push.stream for push in booth.pushes if push.close_code) == [1, 2]


# Order books


def test_a_book_begins_whole_and_goes_on_by_changes_that_count_up(linear):
    linear.others("sell", 600_100, 6)
    [_, first] = linear.subscribe(1, "orderbook.50.BTCUSDT")
    assert list(first) == ["topic", "type", "ts", "data", "cts"]
    assert list(first["data"]) == ["s", "b", "a", "u", "seq"]
    assert (first["type"], first["data"]["a"]) == ("snapshot", [["60010.00", "0.006"]])
    linear.others("buy", 599_900, 2)
    linear.others("buy", 600_100, 6, account="testee")
    linear.pass_ms(20)
    linear.others("buy", 599_800, 1)
    linear.pass_ms(20)
    [second, third] = linear.frames(1)
    assert (second["type"], third["type"]) == ("delta", "delta")
    assert second["data"]["b"] == [["59990.00", "0.002"]]
    assert second["data"]["a"] == [["60010.00", "0"]]
    assert third["data"]["b"] == [["59980.00", "0.001"]]
    updates = [frame["data"]["u"] for frame in (first, second, third)]
    assert updates == list(range(updates[0], updates[0] + 3))
    sequences = [frame["data"]["seq"] for frame in (first, second, third)]
    assert sequences == sorted(set(sequences))


def test_the_book_of_retail_orders_has_none_and_counts_for_itself(linear):
    linear.others("sell", 600_100, 6)
    [_, first] = linear.subscribe(1, "orderbook.rpi.BTCUSDT")
    assert (first["type"], first["data"]["a"]) == ("snapshot", [["60010.00", "0.006", "0"]])
    linear.others("buy", 600_100, 6, account="testee")
    linear.pass_ms(100)
    [second] = linear.frames(1)
    assert second["data"]["a"] == [["60010.00", "0", "0"]]
    assert second["data"]["u"] == first["data"]["u"] + 1
    asked = {"category": "linear", "symbol": "BTCUSDT", "limit": 50}
    assert linear.ok("GET", "/v5/market/rpi_orderbook", asked)["u"] == second["data"]["u"]


@pytest.mark.parametrize(("depth", "period_ms"), [(50, 20), (200, 100), (1000, 200), ("rpi", 100)])
def test_each_depth_has_its_own_speed(linear, depth, period_ms):
    linear.subscribe(1, f"orderbook.{depth}.BTCUSDT")
    linear.pass_ms(7)
    linear.others("sell", 600_100, 6)
    linear.pass_ms(1000)
    [frame] = linear.frames(1)
    assert frame["ts"] % period_ms == 0
    assert frame["cts"] == frame["ts"] // period_ms * period_ms - period_ms + 7


def test_a_second_subscriber_joins_the_chain_of_the_first(linear):
    linear.open(2)
    linear.subscribe(1, "orderbook.50.BTCUSDT")
    linear.others("sell", 600_100, 6)
    [_, first] = linear.subscribe(2, "orderbook.50.BTCUSDT")
    linear.pass_ms(20)
    for stream in (1, 2):
        frames = [p for p in linear.pushes if p.stream == stream]
        assert len(frames) == 1
    [told] = linear.frames(2)
    assert told["data"]["u"] == first["data"]["u"] + 1
    assert (first["data"]["a"], told["data"]["a"]) == ([], [["60010.00", "0.006"]])


def test_levels_that_leave_the_window_are_deleted_and_those_that_enter_inserted(linear):
    for step in range(50):
        linear.others("sell", 600_100 + step, 1)
    linear.subscribe(1, "orderbook.50.BTCUSDT")
    linear.others("sell", 600_050, 1)
    linear.pass_ms(20)
    [frame] = linear.frames(1)
    assert frame["data"]["a"] == [["60005.00", "0.001"], ["60014.90", "0"]]
    linear.others("buy", 600_050, 1)
    linear.pass_ms(20)
    [frame] = linear.frames(1)
    assert frame["data"]["a"] == [["60005.00", "0"], ["60014.90", "0.001"]]


def test_what_happens_below_the_window_is_not_told(linear):
    for step in range(50):
        linear.others("sell", 600_100 + step, 1)
    linear.subscribe(1, "orderbook.50.BTCUSDT")
    linear.others("sell", 601_000, 1)
    linear.pass_ms(1_000)
    assert linear.frames(1) == []


def test_the_best_levels_are_told_whole_and_again_after_three_seconds(linear):
    linear.others("sell", 600_100, 6)
    [_, first] = linear.subscribe(1, "orderbook.1.BTCUSDT")
    assert list(first)[:3] == ["topic", "ts", "type"]
    linear.others("sell", 600_200, 6)
    linear.others("sell", 600_050, 6)
    linear.pass_ms(3_010)
    best, again = linear.frames(1)
    assert {best["type"], again["type"]} == {"snapshot"}
    assert best["data"] == again["data"]
    assert best["data"]["a"] == [["60005.00", "0.006"]]
    assert again["ts"] - best["ts"] == 3_000
    assert best["data"]["u"] == first["data"]["u"] + 1


def test_a_restart_of_trading_begins_the_book_anew(linear):
    linear.others("sell", 600_100, 6)
    linear.subscribe(1, "orderbook.50.BTCUSDT", "orderbook.1.BTCUSDT")
    linear.command(SetPhase("BTCUSDT", Phase.HALTED))
    linear.pass_ms(100)
    assert linear.frames(1) == []
    linear.command(SetPhase("BTCUSDT", Phase.TRADING))
    linear.pass_ms(100)
    frames = linear.frames(1)
    assert {frame["topic"]: frame["data"]["u"] for frame in frames} == {
        "orderbook.50.BTCUSDT": 1,
        "orderbook.1.BTCUSDT": 1,
    }
    assert {frame["type"] for frame in frames} == {"snapshot"}
    linear.others("sell", 600_000, 1)
    linear.pass_ms(100)
    assert {frame["data"]["u"] for frame in linear.frames(1)} == {2}


def test_a_book_that_nobody_hears_is_not_told(linear):
    linear.subscribe(1, "orderbook.50.BTCUSDT")
    linear.server.close(1, linear.at)
    linear.others("sell", 600_100, 6)
    linear.pass_ms(1_000)
    assert linear.frames() == []


# Other feeds


def test_trades_come_at_once_with_the_direction_of_their_price(linear):
    linear.subscribe(1, "publicTrade.BTCUSDT")
    for price in (600_000, 600_100, 600_100, 600_200):
        linear.others("sell", price, 1)
    linear.others("buy", 600_200, 4, account="testee")
    [frame] = linear.frames(1)
    assert list(frame) == ["topic", "type", "ts", "data"]
    rows = frame["data"]
    assert [row["p"] for row in rows] == ["60000.00", "60010.00", "60010.00", "60020.00"]
    directions = ["PlusTick", "PlusTick", "ZeroPlusTick", "PlusTick"]
    assert [row["L"] for row in rows] == directions
    assert {row["S"] for row in rows} == {"Buy"}
    assert len({row["i"] for row in rows}) == 4
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    linear.others("buy", 599_000, 1)
    linear.others("sell", 599_000, 1, account="testee")
    [frame] = linear.frames(1)
    assert frame["data"][0]["L"] == "MinusTick"


def test_no_message_carries_more_than_1024_trades(linear):
    linear.subscribe(1, "publicTrade.BTCUSDT")
    for step in range(206):
        for account in ("testee", "others", "third", "fourth", "fifth"):
            linear.fund(account)
            linear.others("sell", 600_000 + step, 1, account=account)
    linear.fund("taker")
    linear.others("buy", 600_300, 1030, account="taker")
    assert [len(frame["data"]) for frame in linear.frames(1)] == [1024, 6]


def test_a_ticker_begins_whole_and_goes_on_with_what_changed(linear):
    [_, first] = linear.subscribe(1, "tickers.BTCUSDT")
    assert first["type"] == "snapshot"
    assert first["data"]["lastPrice"] == "60000.00"
    assert first["data"]["fundingIntervalHour"] == "8"
    linear.command(SetMark("BTCUSDT", 60_100 * 10**8))
    linear.command(SetFunding("BTCUSDT", -21_200, 4))
    linear.pass_ms(100)
    [told] = linear.frames(1)
    assert told["type"] == "delta"
    assert told["data"].keys() >= {"symbol", "markPrice", "fundingRate", "fundingIntervalHour"}
    assert "lastPrice" not in told["data"]
    assert told["data"]["fundingRate"] == "-0.000212"
    assert told["ts"] % 100 == 0
    linear.command(SetMark("BTCUSDT", 60_100 * 10**8))
    linear.pass_ms(1_000)
    assert linear.frames(1) == []


def test_a_ticker_counts_the_day_and_the_open_interest(linear):
    linear.others("sell", 600_600, 5)
    linear.others("buy", 600_600, 5, account="testee")
    [_, first] = linear.subscribe(1, "tickers.BTCUSDT")
    told = first["data"]
    assert (told["lastPrice"], told["highPrice24h"]) == ("60060.00", "60060.00")
    assert (told["volume24h"], told["turnover24h"]) == ("0.005", "300.3")
    assert (told["singleOpenInterest"], told["openInterest"]) == ("0.005", "0.010")
    assert Decimal(told["openInterestValue"]) == Decimal("0.010") * 60_000


def test_a_dated_future_tells_its_delivery_and_its_basis(booth):
    booth.open(1)
    [_, first] = booth.subscribe(1, "tickers.BTCUSDT-29DEC28")
    told = first["data"]
    assert told["deliveryTime"] == "2028-12-29T08:00:00Z"
    assert (told["fundingRate"], told["nextFundingTime"]) == ("", "")
    assert "fundingIntervalHour" not in told
    assert told["basis"] == "0"


def test_an_inverse_contract_is_worth_its_coin(booth):
    booth.open(1, "inverse")
    booth.others("sell", 600_000, 60_000, symbol="BTCUSD")
    booth.others("buy", 600_000, 60_000, symbol="BTCUSD", account="testee")
    [_, first] = booth.subscribe(1, "tickers.BTCUSD")
    assert (first["data"]["volume24h"], first["data"]["turnover24h"]) == ("60000", "1")


def test_a_candle_is_told_after_trades_at_its_end_and_now_and_then(linear):
    linear.subscribe(1, "kline.5.BTCUSDT")
    linear.others("sell", 600_100, 5)
    linear.others("buy", 600_100, 2, account="testee")
    linear.pass_ms(1_000)
    [frame] = linear.frames(1)
    [candle] = frame["data"]
    assert (candle["open"], candle["close"]) == ("60010.00", "60010.00")
    assert (candle["volume"], candle["turnover"]) == ("0.002", "120.02")
    assert (candle["end"] - candle["start"], candle["interval"]) == (299_999, "5")
    assert candle["confirm"] is False
    linear.pass_ms(60_000)
    assert len(linear.frames(1)) == 1
    linear.pass_ms(candle["end"] + 1 - linear.at)
    over = [f["data"][0] for f in linear.frames(1)]
    assert [(each["start"], each["confirm"]) for each in over[-2:]] == [
        (candle["start"], True),
        (candle["end"] + 1, False),
    ]
    assert over[-1]["open"] == "60010.00"
    assert over[-1]["volume"] == "0.000"


# Liquidations and bands


def liquidated(booth):
    """Let a long of 0.05 be liquidated into the book."""
    booth.command(Deposit("poor", "USDT", 100 * 10**8))
    booth.command(SetLeverage("poor", "BTCUSDT", 50))
    booth.others("sell", 600_000, 50)
    booth.others("buy", None, 50, account="poor")
    booth.others("buy", 589_000, 50)
    booth.command(SetMark("BTCUSDT", 58_100 * 10**8))
    booth.pass_ms(2_000)


def test_a_liquidation_is_told_with_the_side_of_the_position(linear):
    linear.subscribe(1, "allLiquidation.BTCUSDT")
    liquidated(linear)
    [frame] = linear.frames(1)
    assert misfits("topic-all-liquidation", frame) == []
    assert frame["ts"] % 500 == 0
    rows = frame["data"]
    assert {row["S"] for row in rows} == {"Buy"}
    assert sum(Decimal(row["v"]) for row in rows) == Decimal("0.050")


def test_a_band_is_told_when_it_moves(linear):
    [_, first] = linear.subscribe(1, "priceLimit.BTCUSDT")
    assert first["data"]["buyLmt"] == "60600.00"
    linear.command(SetMark("BTCUSDT", 60_000 * 10**8))
    linear.others("sell", 620_000, 1)
    linear.pass_ms(1_000)
    assert linear.frames(1) == []
    linear.command(SetMark("BTCUSDT", 59_000 * 10**8))
    linear.pass_ms(300)
    [frame] = linear.frames(1)
    assert Decimal(frame["data"]["sellLmt"]) < Decimal(first["data"]["sellLmt"])
    assert frame["ts"] % 300 == 0


def test_a_band_follows_the_average_premium_and_comes_to_rest(linear):
    linear.others("buy", 599_900, 1)
    linear.others("sell", 600_100, 1)
    linear.pass_ms(60_000)
    linear.subscribe(1, "priceLimit.BTCUSDT")
    linear.others("buy", 600_090, 1)
    linear.others("buy", 600_100, 1, account="testee")
    linear.others("sell", 600_900, 1)
    linear.pass_ms(60_000)
    limits = [Decimal(frame["data"]["buyLmt"]) for frame in linear.frames(1)]
    # mark 60000 at 1 %, and a middle that has gone 49.5 above it
    assert (limits, limits[-1]) == (sorted(set(limits)), Decimal("60649.5"))
    linear.pass_ms(60_000)
    assert linear.frames(1) == []


@pytest.mark.parametrize(
    ("pool", "symbols"),
    [("USDT", {"BTCUSDT", "ETHUSDT"}), ("inverse", {"BTCUSD"}), ("USDC", set())],
)
def test_what_insures_contracts_is_told_each_second(linear, pool, symbols):
    linear.subscribe(1, f"adlAlert.{pool}")
    linear.command(Deposit(INSURANCE, "USDT", 7 * 10**8))
    linear.pass_ms(2_000)
    first, second = linear.frames(1)
    assert misfits("topic-adl-alert", first) == []
    assert second["ts"] - first["ts"] == 1_000
    told = {row["s"]: row["b"] for row in first["data"]}
    assert symbols <= told.keys()
    assert pool != "USDT" or told["BTCUSDT"] == 7
    assert ("BTCUSD" in told) is (pool == "inverse")
