"""A picture is a sound document, shows everything that happened, and keeps its labels apart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from itertools import combinations

import pytest

from conformance.scenarios.axes import Scale, number, place, span, span_text, time_text, times
from conformance.scenarios.picture import COLUMNS_MAX, LEFT, RIGHT, draw
from conformance.scenarios.score import Moment, Sample, Score

SVG = "{http://www.w3.org/2000/svg}"


def sample(at, price=100, **more):
    price = Decimal(price)
    given = {"last": price, "mark": price, "index": price, "bid": price - 1, "ask": price + 1}
    given |= {"bids": Decimal(5), "asks": Decimal(4), "traded": Decimal(at) / 1000}
    return Sample(at=at, **(given | more))


def score(samples, moments=(), lasts=10_000):
    return Score(
        title="Rise & <fall>",
        symbol="AAA",
        base="A",
        quote="USDT",
        lasts=lasts,
        samples=tuple(samples),
        moments=tuple(moments),
    )


def document(*given, **more):
    return ET.fromstring(draw(score(*given, **more)))


def texts(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def test_a_picture_is_one_document_with_title_units_and_all_lines():
    root = document([sample(0), sample(5000, 104), sample(10_000, 98)])
    assert root.find(f"{SVG}title").text == "Rise & <fall>"
    said = texts(root)
    assert "AAA \u00b7 prices in USDT, quantities in A" in said
    assert "seconds since the story began" in said
    assert {"last", "mark", "index", "bid\u2013ask"} <= set(said)
    assert "+4.00%" in said
    assert len(root.findall(f".//{SVG}polyline")) == 3


def test_a_picture_needs_nothing_from_elsewhere_and_suits_light_and_dark():
    text = draw(score([sample(0), sample(10_000)]))
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme: dark" in text
    assert set(re.findall(r"var\((--\w+)\)", text)) <= set(re.findall(r"(--\w+):", text))


def test_every_moment_has_its_marker_and_its_label_once():
    moments = [
        Moment(1000, "halt", ordered=True),
        Moment(2000, "funding", ordered=False),
        Moment(4000, "funding", ordered=False),
        Moment(9900, "the end of a long story", ordered=True),
    ]
    root = document([sample(0), sample(10_000)], moments)
    said = texts(root)
    assert [said.count(each) for each in ("halt", "funding \u00d72", "funding")] == [1, 1, 0]
    lines = [e for e in root.iter(f"{SVG}line") if e.get("class") in ("told", "came")]
    assert [line.get("class") for line in lines] == ["told", "came", "came", "told"]
    last = next(e for e in root.iter(f"{SVG}text") if e.text == "the end of a long story")
    assert last.get("text-anchor") == "end"


def test_a_book_that_is_empty_for_a_while_leaves_a_hole():
    gone = sample(4000, bid=None, ask=None, bids=Decimal(0), asks=Decimal(0))
    root = document([sample(0), gone, sample(7000), sample(10_000)])
    bands = [p for p in root.iter(f"{SVG}polygon") if p.get("opacity") == ".22"]
    ends = [float(point.split(",")[0]) for band in bands for point in band.get("points").split()]
    time = Scale(0, 10_000, LEFT, RIGHT)
    assert len(bands) == 2
    assert not [x for x in ends if time(4000) + 1 < x < time(7000) - 1]


def test_a_story_of_many_samples_stays_a_small_picture():
    few = draw(score([sample(at) for at in range(0, 10_000, 10)]))
    many = draw(score([sample(at, 100 + at % 7) for at in range(10_000)]))
    assert len(many) < 3 * len(few)
    assert many.count(",") < 20 * COLUMNS_MAX


def test_nothing_played_is_no_picture():
    with pytest.raises(ValueError, match="nothing"):
        draw(score([]))


def test_a_still_market_is_drawn_too():
    root = document([sample(0, bids=Decimal(0), asks=Decimal(0), traded=Decimal(0))])
    assert len(root.findall(f".//{SVG}polyline")) == 3


def test_ticks_are_round():
    assert list(Scale(58_930, 61_020, 0, 1).ticks(5)) == [59_000, 59_500, 60_000, 60_500, 61_000]
    assert [number(v, 0.25) for v in Scale(0, 1, 0, 1).ticks(4)] == [
        "0.00",
        "0.25",
        "0.50",
        "0.75",
        "1.00",
    ]
    assert number(61_000, 500) == "61\u2009000"


def test_bounds_leave_air_even_when_nothing_moves():
    assert span([Decimal(100), Decimal(110)], margin=0.1) == (99, 111)
    low, high = span([Decimal(100)])
    assert low < 100 < high
    assert span([Decimal(0)]) == (-1, 1)


@pytest.mark.parametrize(
    ("lasts", "ticks", "unit"),
    [
        (20_000, ["0", "2", "4"], "s"),
        (72_000_000, ["0", "2", "4"], "h"),
        (108_000_000, ["0", "3", "6"], "h"),
        (700, ["0", "100", "200"], "ms"),
        (86_400_000 * 10, ["0", "1", "2"], "d"),
        (86_400_000 * 9000, ["0", "30", "60"], "d"),
    ],
)
def test_time_is_told_in_a_fitting_unit(lasts, ticks, unit):
    instants, found = times(lasts, 14)
    assert ([time_text(at, found) for at in instants[:3]], found) == (ticks, unit)


@pytest.mark.parametrize(
    ("span_ms", "text"), [(90_000, "90s"), (3_600_000, "1h"), (1500, "1500ms"), (86_400_000, "1d")]
)
def test_a_span_is_told_in_the_largest_unit_in_which_it_is_whole(span_ms, text):
    assert span_text(span_ms) == text


def test_labels_do_not_meet_while_there_are_rows():
    labels = [(x, "some label") for x in (0, 10, 20, 90, 400, 395)]
    placed = place(labels, left=0, right=420, rows=4, glyph=6)
    spans = [
        (p.row, p.x - 74 if p.leftward else p.x, p.x if p.leftward else p.x + 74) for p in placed
    ]
    for one, other in combinations(spans, 2):
        assert one[0] != other[0] or one[2] <= other[1] or other[2] <= one[1]
    assert [p.leftward for p in placed[-2:]] == [True, True]


def test_too_many_labels_share_the_last_row():
    placed = place([(0, "a"), (0, "b"), (0, "c")], left=0, right=99, rows=2, glyph=6)
    assert [p.row for p in placed] == [0, 1, 1]
