"""How prices move: by points, by chance that a seed repeats, and over gaps."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from statistics import mean, stdev

import pytest

from conformance.errors import UsageError
from conformance.model.orders import Gauge
from conformance.scenarios import load, names, read
from conformance.scenarios.tracks import tracks

LAST, MARK, INDEX = Gauge


@pytest.fixture
def way(tmp_path):
    """Return the tracks of a story of these tables."""

    def draw(tables, seed=0, head='lasts = "10h"'):
        path = tmp_path / "s.toml"
        path.write_text(f'title = "x"\n{head}\n{tables}')
        return tracks(read(path), seed)

    return draw


def test_points_are_joined_by_straight_lines(way):
    text = '[[path]]\nkind = "points"\nevery = "1s"\nof = ["last"]\nto = [["2s", 104], ["3s", 100]]'
    assert way(text) == {LAST: ((1000, 102), (2000, 104), (3000, 100)), MARK: (), INDEX: ()}


def test_points_may_be_steps(way):
    text = '[[path]]\nkind = "points"\nsteps = true\nto = [["0s", 90], ["9s", 104]]'
    assert way(text)[MARK] == ((0, 90), (9000, 104))


def test_a_ramp_ends_at_its_target_exactly(way):
    text = '[[path]]\nkind = "ramp"\nuntil = "2500ms"\nevery = "1s"\ntarget = 110'
    assert way(text)[INDEX] == ((1000, 104), (2000, 108), (2500, 110))


def test_a_path_begins_where_the_one_before_ended(way):
    ramp = '[[path]]\nkind = "ramp"\nsince = "{}s"\nuntil = "{}s"\nevery = "1s"\ntarget = {}\n'
    assert way(ramp.format(1, 2, 110) + ramp.format(5, 7, 90))[LAST] == (
        (2000, 110),
        (6000, 100),
        (7000, 90),
    )


WALK = '[[path]]\nkind = "walk"\nuntil = "2h"\nevery = "1s"\nvolatility = "0.1%"\n'


def test_a_walk_has_the_volatility_it_was_given(way):
    prices = [float(price) for _, price in way(WALK)[LAST]]
    returns = [after / before - 1 for before, after in pairwise(prices)]
    # 7200 samples: the deviation is known to 1 / sqrt(2 * 7200), 0.8 %; the mean to 0.0012 %.
    assert stdev(returns) == pytest.approx(0.001, rel=0.04)
    assert mean(returns) == pytest.approx(0, abs=0.00005)


def test_the_same_seed_walks_the_same_way_and_another_does_not(way):
    assert way(WALK, seed=3) == way(WALK, seed=3)
    assert way(WALK, seed=3) != way(WALK, seed=4)
    assert way(WALK, seed=3) == way(WALK, seed=1, head='lasts = "10h"\nseed = 2')


def test_prices_that_share_a_path_move_together(way):
    found = way(WALK)
    assert found[LAST] == found[MARK] == found[INDEX]


def test_what_reverts_stays_near_home(way):
    text = WALK.replace("walk", "revert") + 'home = 120\npull = "20%"'
    prices = [price for _, price in way(text)[LAST]][100:]
    assert len(prices) > 100
    assert all(Decimal(118) < price < Decimal(122) for price in prices)


def test_jumps_are_as_frequent_and_as_large_as_they_may_be(way):
    text = '[[path]]\nkind = "jumps"\nuntil = "1h"\nevery = "1s"\nodds = "25%"\nby = "2%"'
    prices = [price for _, price in way(text)[LAST]]
    moved = [after / before - 1 for before, after in pairwise(prices) if after != before]
    assert 0.21 < len(moved) / len(prices) < 0.29  # 3600 samples: 5 deviations
    assert max(map(abs, moved)) <= Decimal("0.02001")
    assert min(moved) < 0 < max(moved)


GAP = '[[do]]\nat = "{}"\ncommand = "gap"\nby = "-10%"\n'


def test_a_gap_moves_a_price_that_stands_still(way):
    assert way(GAP.format("4s"))[MARK] == ((4000, 90),)


def test_a_gap_shifts_the_rest_of_its_path_and_what_follows(way):
    ramp = '[[path]]\nkind = "ramp"\nuntil = "4s"\nevery = "1s"\ntarget = 140\n'
    later = ramp.replace("until", 'since = "8s"\nuntil').replace("4s", "9s").replace("140", "100")
    points = way(ramp + later + GAP.format("2500ms") + GAP.format("6s"))[LAST]
    assert points == (
        (1000, 110),
        (2000, 120),
        (2500, 108),
        (3000, 117),
        (4000, 126),
        (6000, Decimal("113.4")),
        (9000, 100),
    )


def test_a_gap_may_be_of_one_price_only(way):
    found = way(GAP.format("1s") + 'of = ["index"]')
    assert found == {LAST: (), MARK: (), INDEX: ((1000, 90),)}


def test_the_library_has_its_stories_and_all_are_sound():
    assert len(names()) >= 15
    assert all(load(name).head.about for name in names())


def test_an_unknown_story_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'flash-crash'"):
        load("flash-cash")
