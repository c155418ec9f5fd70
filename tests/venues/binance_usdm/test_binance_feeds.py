"""Market streams: chains of ids, batches, candles.

Source: usds-margined-futures/websocket-market-streams and How to manage a local order book,
2026-05-28.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from conformance.errors import InvariantBroken
from conformance.exchange import Engine
from conformance.model.commands import SetIndex, SetMark
from conformance.model.instruments import Listing
from conformance.venues.binance_usdm import VENUE
from conformance.venues.binance_usdm.facts import SWITCHES
from conformance.venues.binance_usdm.server.desk import Desk
from conformance.venues.binance_usdm.server.intervals import LENGTHS, bounds

DIFF = "btcusdt@depth@100ms"


def snapshot(counter, limit=1000):
    return counter.ok("GET", "/fapi/v1/depth", {"symbol": "BTCUSDT", "limit": limit}, signed=False)


def applied(book, event):
    for side, changes in (("bids", event["b"]), ("asks", event["a"])):
        for price, quantity in changes:
            if float(quantity):
                book[side][price] = quantity
            else:
                book[side].pop(price, None)


def test_batches_leave_at_multiples_of_the_speed(counter):
    counter.open(1, f"/public/ws/{DIFF}/btcusdt@depth/btcusdt@depth@500ms")
    counter.at += 33
    counter.others("buy", 590_000, 4)
    assert counter.server.due() == counter.at + 67
    seen = []
    for _ in range(3):
        counter.at = counter.server.due()
        counter.tick()
        seen += [(frame["E"] % 1000, frame["U"]) for frame in counter.frames(1)]
    assert [ms for ms, _ in seen] == [100, 250, 500]
    assert counter.server.due() is None


def test_a_batch_keeps_the_last_quantity_of_each_level(counter):
    counter.open(1, f"/public/ws/{DIFF}")
    counter.others("buy", 590_000, 4)
    counter.others("buy", 590_000, 3)
    counter.others("buy", 589_990, 1)
    counter.others("sell", 610_000, 2)
    counter.until_quiet(counter.at + 100)
    (frame,) = counter.frames(1)
    assert frame["b"] == [["59000.00", "0.007"], ["58999.00", "0.001"]]
    assert frame["a"] == [["61000.00", "0.002"]]


def test_a_level_that_emptied_is_sent_as_zero(counter):
    counter.open(1, f"/public/ws/{DIFF}")
    order = counter.place()
    counter.until_quiet(counter.at + 100)
    counter.ok("DELETE", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": order["orderId"]})
    counter.until_quiet(counter.at + 100)
    assert counter.frames(1)[-1]["b"] == [["59000.00", "0.000"]]


def test_each_speed_has_a_chain_of_its_own_that_never_breaks(counter):
    names = (DIFF, "btcusdt@depth@500ms")
    counter.open(1, "/public/stream", f"streams={'/'.join(names)}")
    for number in range(40):
        counter.others("buy", 590_000 - number, 1)
        counter.until_quiet(counter.at + 70)
    counter.until_quiet(counter.at + 500)
    frames = counter.frames(1)
    for name in names:
        chain = [frame["data"] for frame in frames if frame["stream"] == name]
        assert len(chain) > 5
        for before, after in pairwise(chain):
            assert after["pu"] == before["u"] < after["U"] <= after["u"]
    assert len({frame["data"]["u"] for frame in frames}) < len(frames)


def test_ids_leave_gaps_so_that_the_spot_rule_fails(counter):
    counter.open(1, f"/public/ws/{DIFF}")
    for number in range(5):
        counter.others("buy", 590_000 - number, 1)
        counter.until_quiet(counter.at + 100)
    chain = counter.frames(1)
    assert len(chain) == 5
    assert all(after["U"] > before["u"] + 1 for before, after in pairwise(chain))


@pytest.mark.parametrize("quiet_before", [True, False])
def test_the_documented_procedure_rebuilds_the_book(counter, quiet_before):
    for number in range(5):
        counter.others("buy", 590_000 - number, number + 1)
    counter.open(1, f"/public/ws/{DIFF}")
    if not quiet_before:
        counter.others("buy", 589_000, 9)
        counter.until_quiet(counter.at + 100)
        counter.others("buy", 588_000, 9)
    taken = snapshot(counter)
    for number in range(30):
        counter.others("sell", 600_000 + number % 7, 1)
        counter.others("buy", 590_010 + number % 3, 1)
        if number % 4 == 0:
            counter.others("sell", None, 2, account="testee")
        counter.until_quiet(counter.at + 60)
    counter.until_quiet(counter.at + 200)
    book = {"bids": dict(taken["bids"]), "asks": dict(taken["asks"])}
    events = [e for e in counter.frames(1) if e["u"] >= taken["lastUpdateId"]]
    first = events[0]
    assert first["U"] <= taken["lastUpdateId"] <= first["u"]
    last = None
    for event in events:
        assert last is None or event["pu"] == last
        applied(book, event)
        last = event["u"]
    now = snapshot(counter)
    assert book == {"bids": dict(now["bids"]), "asks": dict(now["asks"])}


def test_partial_depth_is_whole_each_time_and_best_first(counter):
    for number in range(8):
        counter.others("buy", 590_000 - number, 1)
        counter.others("sell", 600_000 + number, 1)
    counter.open(1, "/public/ws/btcusdt@depth5@100ms")
    counter.others("buy", 580_000, 1)
    counter.until_quiet(counter.at + 100)
    (frame,) = counter.frames(1)
    assert [price for price, _ in frame["b"]] == [f"{59000 - n * 0.1:.2f}" for n in range(5)]
    assert [price for price, _ in frame["a"]] == [f"{60000 + n * 0.1:.2f}" for n in range(5)]


def test_a_snapshot_holds_no_more_levels_than_asked(counter):
    for number in range(8):
        counter.others("buy", 590_000 - number, 1)
    assert len(snapshot(counter, 5)["bids"]) == 5


def test_the_book_ticker_speaks_only_when_the_best_level_moves(counter):
    counter.open(1, "/public/ws/btcusdt@bookTicker")
    counter.others("buy", 590_000, 4)
    counter.others("buy", 580_000, 4)
    counter.others("buy", 590_000, 1)
    frames = counter.frames(1)
    assert [(frame["b"], frame["B"]) for frame in frames] == [
        ("59000.00", "0.004"),
        ("59000.00", "0.005"),
    ]
    assert counter.server.due() is None


def test_book_ticker_ids_are_those_of_the_depth_stream(counter):
    counter.open(1, "/public/stream", f"streams={DIFF}/btcusdt@bookTicker")
    counter.others("buy", 590_000, 4)
    counter.until_quiet(counter.at + 100)
    ticker, depth = (frame["data"] for frame in counter.frames(1))
    assert ticker["u"] == depth["u"]


def test_trades_of_one_taker_at_one_price_are_one_aggregate(counter):
    counter.open(1, "/market/ws/btcusdt@aggTrade")
    for price in (600_000, 600_000, 600_010):
        counter.others("sell", price, 2)
    counter.others("buy", None, 6, account="testee")
    counter.until_quiet(counter.at + 100)
    rows = [(f["p"], f["q"], f["f"], f["l"], f["m"]) for f in counter.frames(1)]
    assert rows == [("60000.00", "0.004", 1, 2, False), ("60001.00", "0.002", 3, 3, False)]
    listed = counter.ok("GET", "/fapi/v1/aggTrades", {"symbol": "BTCUSDT"}, signed=False)
    assert [(row["p"], row["q"], row["a"]) for row in listed] == [
        ("60000.00", "0.004", 1),
        ("60001.00", "0.002", 2),
    ]
    for name, value, count in (("fromId", 2, 1), ("startTime", counter.at + 1, 0)):
        params = {"symbol": "BTCUSDT", name: value}
        assert len(counter.ok("GET", "/fapi/v1/aggTrades", params, signed=False)) == count


def test_trades_are_listed_newest_last_or_from_an_id(counter):
    counter.others("buy", 590_000, 9)
    for _ in range(3):
        counter.others("sell", None, 1, account="testee")
    params = {"symbol": "BTCUSDT", "limit": 2}
    rows = counter.ok("GET", "/fapi/v1/trades", params, signed=False)
    assert [row["id"] for row in rows] == [2, 3]
    assert rows[0]["isBuyerMaker"] is True
    rows = counter.ok("GET", "/fapi/v1/historicalTrades", {**params, "fromId": 1}, signed=False)
    assert [row["id"] for row in rows] == [1, 2]


def test_mark_prices_come_in_time_whether_or_not_they_move(counter):
    counter.open(1, "/market/ws/btcusdt@markPrice@1s/ethusdt@markPrice")
    counter.until_quiet(counter.at + 6_000)
    frames = counter.frames(1)
    assert sum(frame["s"] == "BTCUSDT" for frame in frames) == 6
    assert sum(frame["s"] == "ETHUSDT" for frame in frames) == 2
    assert frames[0]["T"] % (8 * 3600 * 1000) == 0


def test_index_and_mark_are_told_apart(counter):
    counter.command(SetMark("BTCUSDT", 61_000 * 10**8))
    counter.command(SetIndex("BTCUSDT", 60_500 * 10**8))
    row = counter.ok("GET", "/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, signed=False)
    assert (row["markPrice"], row["indexPrice"]) == ("61000.00000000", "60500.00000000")
    counter.open(1, "/market/ws/btcusdt@markPrice@1s")
    counter.until_quiet(counter.at + 1_000)
    (frame,) = counter.frames(1)
    assert (frame["p"], frame["i"]) == ("61000.00000000", "60500.00000000")


def test_nothing_is_due_when_nobody_listens_or_nothing_is_pending(counter):
    assert counter.server.due() is None
    counter.others("buy", 590_000, 4)
    assert counter.server.due() is None
    counter.open(1, f"/public/ws/{DIFF}/btcusdt@bookTicker/btcusdt@depth5")
    assert counter.server.due() is None
    assert counter.server.tick(counter.at + 10_000) == []


def test_a_clock_that_steps_back_does_not_silence_a_stream(counter):
    counter.open(1, f"/public/ws/{DIFF}")
    counter.others("buy", 590_000, 4)
    counter.at -= 60_000
    counter.others("buy", 590_010, 4)
    assert counter.server.due() - counter.at <= 100


def test_a_candle_is_sent_while_it_lives_and_once_when_it_closes(counter):
    counter.open(1, "/market/ws/btcusdt@kline_1m")
    counter.others("buy", 590_000, 9)
    counter.others("sell", None, 1, account="testee")
    counter.until_quiet(counter.at + 60_000)
    frames = [frame["k"] for frame in counter.frames(1)]
    assert [candle["x"] for candle in frames] == [False, True]
    assert frames[1]["T"] == frames[1]["t"] + 59_999
    assert (frames[1]["v"], frames[1]["q"], frames[1]["n"]) == ("0.001", "59.00000", 1)
    assert counter.server.due() is None


def test_a_candle_closes_even_when_the_next_trade_comes_first(counter):
    counter.open(1, "/market/ws/btcusdt@kline_1m")
    counter.others("buy", 590_000, 9)
    for _ in range(2):
        counter.others("sell", None, 1, account="testee")
        counter.at += 60_000
    counter.tick()
    frames = [frame["k"] for frame in counter.frames(1)]
    assert [candle["x"] for candle in frames] == [True, True]
    assert frames[0]["T"] + 1 == frames[1]["t"]


def test_quiet_candles_are_flat_over_rest(counter):
    kline = ("GET", "/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1m"})
    assert counter.ok(*kline, signed=False) == []
    counter.others("buy", 590_000, 9)
    counter.others("sell", None, 1, account="testee")
    counter.at += 3 * 60_000
    rows = counter.ok(*kline, signed=False)
    assert [row[4] for row in rows] == ["59000.00"] * 4
    assert [row[8] for row in rows] == [1, 0, 0, 0]
    late = {**kline[2], "startTime": counter.at - 60_000, "limit": 1}
    assert counter.ok("GET", "/fapi/v1/klines", late, signed=False) == [rows[3]]
    newest = {**kline[2], "limit": 2}
    assert counter.ok("GET", "/fapi/v1/klines", newest, signed=False) == rows[2:]


# 2024-02-29 was a Thursday; 2023-12-31 a Sunday.
@pytest.mark.parametrize(
    ("interval", "at", "first", "last"),
    [
        ("1m", 1_709_164_859_999, 1_709_164_800_000, 1_709_164_859_999),
        ("1d", 1_709_164_800_000, 1_709_164_800_000, 1_709_251_199_999),
        ("1w", 1_709_164_800_000, 1_708_905_600_000, 1_709_510_399_999),
        ("1M", 1_709_164_800_000, 1_706_745_600_000, 1_709_251_199_999),
        ("1M", 1_703_980_800_000, 1_701_388_800_000, 1_704_067_199_999),
    ],
)
def test_intervals_begin_and_end_as_in_the_calendar(interval, at, first, last):
    assert bounds(interval, at) == (first, last)
    assert interval in LENGTHS


def test_day_tickers_speak_of_the_last_24_hours(counter):
    counter.others("buy", 590_000, 3)
    counter.others("buy", 580_000, 3)
    counter.others("sell", None, 4, account="testee")
    ticker = ("GET", "/fapi/v1/ticker/24hr", {"symbol": "BTCUSDT"})
    row = counter.ok(*ticker, signed=False)
    assert (row["openPrice"], row["lastPrice"]) == ("59000.00", "58000.00")
    assert (row["priceChange"], row["priceChangePercent"]) == ("-1000.00", "-1.695")
    assert (row["volume"], row["quoteVolume"], row["count"]) == ("0.004", "235.00000", 2)
    assert row["weightedAvgPrice"] == "58750.00"
    counter.at += 24 * 3600 * 1000
    row = counter.ok(*ticker, signed=False)
    assert (row["count"], row["lastPrice"]) == (0, "58000.00")


def test_before_the_first_trade_the_last_price_is_the_initial_one(counter):
    row = counter.ok("GET", "/fapi/v2/ticker/price", {"symbol": "ETHUSDT"}, signed=False)
    assert row["price"] == "3000.00"


def test_open_interest_counts_every_long(counter):
    counter.others("sell", 600_000, 5)
    counter.others("buy", None, 5, account="testee")
    row = counter.ok("GET", "/fapi/v1/openInterest", {"symbol": "BTCUSDT"}, signed=False)
    assert row["openInterest"] == "0.005"


def test_names_of_other_symbols_and_kinds_are_silent(counter):
    counter.open(1, "/public/ws")
    names = ["nonsense@depth", "btcusdt@nonsense", "!nonsense@arr", "BTCUSDT@depth", "btcusdt"]
    counter.control(1, method="SUBSCRIBE", params=names, id=1)
    counter.others("buy", 590_000, 4)
    assert counter.server.due() is None
    assert counter.frames(1) == []


def test_a_core_of_another_venue_is_refused():
    bare = {
        name: getattr(VENUE.listings[0], name)
        for name in Listing.__dataclass_fields__  # the rules without this venue's own
    }
    with pytest.raises(InvariantBroken, match="without this venue's rules"):
        Desk(Engine([Listing(**bare)]), SWITCHES)
