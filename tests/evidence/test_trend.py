"""Growth is told from noise, with its confidence; what cannot be told is said to be open."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from conformance.evidence.trend import SAMPLES_MIN, Growth, trend


def series(value: Callable[[float], float], *, samples: int = 120, noise: float = 0.0):
    chance = Random(7)
    return [(at / 2, value(at / 2) + chance.gauss(0, noise)) for at in range(samples)]


# Student's t, two-sided 99 %, 10 degrees of freedom: 3.169 (NIST e-Handbook, 1.3.6.7.2).


def test_a_line_is_fitted_exactly():
    found = trend(series(lambda s: 5 + 3 * s), tolerated=1)
    assert found.slope == pytest.approx(3)
    assert found.low == pytest.approx(found.high) == pytest.approx(3)
    assert found.level == pytest.approx(5 + 3 * found.begins)
    assert found.growth is Growth.LEAK


@pytest.mark.parametrize(
    ("slope", "tolerated", "growth"),
    [(0.0, 0.1, Growth.NONE), (1.0, 0.1, Growth.LEAK), (1.0, 2.0, Growth.NONE)],
)
def test_growth_is_told_from_noise(slope: float, tolerated: float, growth: Growth):
    found = trend(series(lambda s: 100 + slope * s, noise=1), tolerated=tolerated)
    assert found.low < slope < found.high
    assert found.growth is growth


def test_noise_that_hides_the_answer_leaves_it_open():
    assert trend(series(lambda _: 0, noise=50), tolerated=0.01).growth is Growth.OPEN


def test_the_warm_part_is_not_judged():
    filling = trend(series(lambda s: min(s, 10.0) * 100), tolerated=0.1)
    assert filling.growth is Growth.NONE


@pytest.mark.parametrize("samples", [0, 1, 2, SAMPLES_MIN])
def test_a_short_series_is_too_short(samples: int):
    found = trend(series(lambda s: 1000 * s, samples=samples), tolerated=0)
    assert found.growth is Growth.OPEN
    assert found.samples < SAMPLES_MIN


def test_samples_of_one_instant_say_nothing():
    assert trend([(1.0, 4.0)] * 100, tolerated=0).growth is Growth.OPEN


def test_the_interval_covers_the_truth_as_often_as_it_says():
    chance = Random(11)
    covered = 0
    for _ in range(300):
        points = [(float(at), 2.0 * at + chance.gauss(0, 5)) for at in range(60)]
        found = trend(points, tolerated=0)
        covered += found.low <= 2.0 <= found.high
    assert covered >= 0.97 * 300
