"""Latencies are counted, merged and told exactly as HdrHistogram does it."""

from __future__ import annotations

import json
from random import Random

import pytest

pytest.importorskip("hdrh")

from hdrh.histogram import HdrHistogram

from conformance.load.histogram import DIGITS, HIGHEST_US, Latencies


def drawn(count: int, seed: int = 1) -> list[int]:
    chance = Random(seed)
    return [int(chance.lognormvariate(7, 2)) + 1 for _ in range(count)]


def counted(values: list[int]) -> Latencies:
    made = Latencies()
    for us in values:
        made.record(us)
    return made


def test_percentiles_are_those_of_a_histogram_that_was_fed_directly():
    values = drawn(20_000)
    direct = HdrHistogram(1, HIGHEST_US, DIGITS)
    for us in values:
        direct.record_value(us)
    summary = counted(values).summary()
    expected = [direct.get_value_at_percentile(p) for p in (50, 90, 99, 99.9)]
    assert [summary.p50, summary.p90, summary.p99, summary.p999] == expected
    assert summary.total == direct.get_total_count() == len(values)
    assert summary.greatest == max(values)


def test_a_value_is_kept_to_three_digits():
    for us in (1, 2_047, 2_048, 99_999, 1_234_567, HIGHEST_US):
        (kept,) = counted([us]).counts
        assert us * 0.999 <= kept <= us


def test_what_is_beyond_the_range_counts_as_its_end():
    made = counted([-5, 0, 2 * HIGHEST_US])
    assert made.total == 3
    assert made.greatest == HIGHEST_US


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_merged_parts_are_the_histogram_of_the_whole(parts: int):
    values = drawn(5_000)
    merged = Latencies()
    for number in range(parts):
        merged.merge(counted(values[number::parts]))
    assert merged.counts == counted(values).counts
    assert merged.summary() == counted(values).summary()


def test_the_text_form_says_everything_and_other_tools_read_it():
    made = counted(drawn(3_000))
    text = made.encoded()
    foreign = HdrHistogram.decode(text.encode())
    assert foreign.get_total_count() == made.total
    for percent in (50, 90, 99, 99.9, 100):
        assert foreign.get_value_at_percentile(percent) == made.hdr().get_value_at_percentile(
            percent
        )
    assert HdrHistogram.decode(Latencies().encoded().encode()).get_total_count() == 0


def test_the_plain_form_loses_nothing():
    made = counted(drawn(3_000))
    read = Latencies.of(json.loads(json.dumps(made.plain())))
    assert (read.counts, read.greatest) == (made.counts, made.greatest)
    assert Latencies.of(Latencies().plain()).total == 0


def test_nothing_recorded_is_all_zero():
    assert set(Latencies().summary()) == {0}
