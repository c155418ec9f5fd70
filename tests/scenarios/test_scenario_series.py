"""Recorded prices: own columns, and the dumps of a venue with and without their header."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conformance.model.orders import Gauge
from conformance.scenarios import Flawed, read
from conformance.scenarios.series import Layout, read_series
from conformance.scenarios.tracks import tracks

# Headers and rows as data.binance.vision publishes them (futures/um and spot).
AGG = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
AGG_ROWS = "10,64100.00,0.100,1,2,1786394553105,true\n11,64101.00,0.200,3,4,1786394553106,false\n"
SPOT_AGG = "0,0.20000000,50.00000000,0,0,1735689600010866,False,True\n"
TRADES = "id,price,qty,quote_qty,time,is_buyer_maker\n"
TRADES_ROWS = "5053880937,68402.6,0.024,1641.6624,1717113600031,false\n"
KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
KLINES_ROWS = (
    "1735689600000,93548.80,95161.20,92796.50,94580.90,91236.660,1735775999999,"
    "8572615379.77510,1804360,45712.481,4296719477.46090,0\n"
)


def rows(folder, text, layout=Layout.SERIES, column="price"):
    path = folder / "a.csv"
    path.write_text(text)
    found, flaws = read_series(path, layout, column)
    return found, [(flaw.line, flaw.what) for flaw in flaws]


@pytest.mark.parametrize(
    ("layout", "header", "body", "first"),
    [
        (Layout.AGG_TRADES, AGG, AGG_ROWS, (1786394553105, Decimal("64100.00"))),
        (Layout.TRADES, TRADES, TRADES_ROWS, (1717113600031, Decimal("68402.6"))),
        (Layout.KLINES, KLINES, KLINES_ROWS, (1735775999999, Decimal("94580.90"))),
    ],
)
def test_a_dump_is_read_with_its_header_and_without(tmp_path, layout, header, body, first):
    assert rows(tmp_path, header + body, layout)[0][0] == first
    assert rows(tmp_path, body, layout)[0][0] == first


def test_spot_dumps_have_one_more_column_and_count_microseconds(tmp_path):
    assert rows(tmp_path, SPOT_AGG, Layout.AGG_TRADES) == (
        ((1735689600010, Decimal("0.20000000")),),
        [],
    )
    header = AGG.rstrip() + ",is_best_match\n"
    assert rows(tmp_path, header + SPOT_AGG, Layout.AGG_TRADES)[1] == []


@pytest.mark.parametrize(
    ("text", "layout", "flaws"),
    [
        (AGG.replace("price", "prise") + AGG_ROWS, Layout.AGG_TRADES, [(1, "column 'prise'")]),
        (TRADES_ROWS, Layout.KLINES, [(1, "6 columns")]),
        (AGG + AGG_ROWS + AGG_ROWS, Layout.AGG_TRADES, [(4, "unordered")]),
        (AGG_ROWS.replace("64101.00", "NaN"), Layout.AGG_TRADES, [(2, "no finite number")]),
        (AGG_ROWS.replace("0.200", "-0.2"), Layout.AGG_TRADES, [(2, "size -0.2 is negative")]),
        (AGG_ROWS.replace("64101.00", "0"), Layout.AGG_TRADES, [(2, "not above zero")]),
        (AGG_ROWS.replace("64101.00", "x"), Layout.AGG_TRADES, [(2, "no number")]),
        (AGG_ROWS.replace("1786394553106", "soon"), Layout.AGG_TRADES, [(2, "no time")]),
        (AGG, Layout.AGG_TRADES, [(1, "no rows")]),
        ("when,price\n1,2\n", Layout.SERIES, [(1, "no column 'time'")]),
        ("time,cost\n1,2\n", Layout.SERIES, [(1, "no column 'price'")]),
        ("", Layout.SERIES, [(1, "no column 'time'")]),
        ("time,price,size\n0s,2,1\n1s,2,-1\n", Layout.SERIES, [(3, "size -1 is negative")]),
    ],
)
def test_a_flaw_of_a_series_is_told_with_its_line(tmp_path, text, layout, flaws):
    found, told = rows(tmp_path, text, layout)
    assert found == ()
    assert [line for line, _ in told] == [line for line, _ in flaws]
    assert all(part in what for (_, what), (_, part) in zip(told, flaws, strict=True))


def test_a_file_that_is_missing_is_a_flaw(tmp_path):
    _, flaws = read_series(tmp_path / "none.csv", Layout.SERIES, "price")
    assert "cannot be read" in flaws[0].what


def test_a_series_of_ones_own_has_any_columns_and_spans_for_times(tmp_path):
    text = "time,price,index\n0s,10,11\n1m30s,12,13\n\n"
    assert rows(tmp_path, text, column="index")[0] == (
        (0, Decimal(11)),
        (90_000, Decimal(13)),
    )


STORY = """
title = "x"
lasts = "1m"
[[path]]
kind = "csv"
file = "a.csv"
since = "5s"
every = "1s"
"""


def test_recorded_prices_begin_where_the_path_does(tmp_path):
    (tmp_path / "a.csv").write_text("time,price\n100s,50\n100500ms,99\n102s,55\n200s,60\n")
    (tmp_path / "s.toml").write_text(STORY + 'until = "10s"\n')
    story = read(tmp_path / "s.toml")
    assert tracks(story)[Gauge.LAST] == ((5_000, 100), (7_000, 110))
    (tmp_path / "s.toml").write_text(STORY + 'until = "10s"\nrebase = false\n')
    assert tracks(read(tmp_path / "s.toml"))[Gauge.LAST] == ((5_000, 50), (7_000, 55))


def test_a_flawed_series_is_told_of_with_its_own_lines_and_in_the_story(tmp_path):
    (tmp_path / "a.csv").write_text("time,price\n1s,-4\n")
    (tmp_path / "s.toml").write_text(STORY)
    with pytest.raises(Flawed) as caught:
        read(tmp_path / "s.toml")
    assert [(flaw.file.name, flaw.line) for flaw in caught.value.flaws] == [
        ("s.toml", 6),
        ("a.csv", 2),
    ]


def test_a_series_has_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.scenarios.series.ROWS_MAX", 2)
    assert rows(tmp_path, "time,price\n1,1\n2,1\n3,1\n")[1] == [(4, "more than 2 rows")]
