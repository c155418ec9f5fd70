"""A plan is decided beforehand: who sends what, and when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from conformance.errors import UsageError
from conformance.load.plan import PROFILES, WINDOW_S, Action, Plan


def plan(**more: object) -> Plan:
    return Plan(**{"venue": "v", "bots": 4, "rate": 10.0, "duration_s": 20.0, **more})


def test_messages_are_spread_evenly_and_bots_do_not_march_in_step():
    even = plan()
    arrivals = list(even.arrivals(0))
    assert len(arrivals) == 200
    assert all(b.at_s - a.at_s == pytest.approx(0.1) for a, b in pairwise(arrivals))
    assert len({next(even.arrivals(bot)).at_s for bot in range(4)}) == 4


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_begins_with_an_order_and_leaves_none_behind_in_a_cycle(profile: str):
    cycle = PROFILES[profile].cycle
    assert cycle[0] in (Action.PLACE, Action.TAKE)
    assert cycle.count(Action.PLACE) == cycle.count(Action.CANCEL)


def test_a_burst_sends_what_a_window_holds_at_its_beginning():
    arrivals = list(plan(profile="burst").arrivals(0))
    assert len(arrivals) == 200
    assert all(a.at_s % WINDOW_S < 0.2 * WINDOW_S for a in arrivals)


def test_the_bots_of_a_plan_are_the_same_however_the_work_is_shared():
    assert list(plan().arrivals(3)) == list(plan().arrivals(3))
    ids = {plan().client_id(bot, order) for bot in range(12) for order in range(12)}
    assert len(ids) == 144


def test_a_ramp_grows_step_by_step():
    ramp = plan(steps=4, growth=4.0, duration_s=40.0)
    counts = [0, 0, 0, 0]
    for arrival in ramp.arrivals(0):
        counts[int(arrival.at_s // 10)] += 1
    assert counts == pytest.approx([100, 200, 300, 400], abs=2)
    assert [ramp.factor(step) for step in range(4)] == [1, 2, 3, 4]


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(UsageError, match="market-maker"):
        _ = plan(profile="nonsense").manner
