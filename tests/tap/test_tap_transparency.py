"""A client cannot tell the tap from the venue, whatever the case."""

from __future__ import annotations

import pytest

from conformance import venues
from conformance.client import ReferenceClient
from conformance.plugin import discovery
from conformance.plugin.environments import Simulated
from conformance.plugin.running import run_case
from conformance.plugin.selection import choose
from conformance.tap.tapped import Tapped

VENUE = venues.load("binance_usdm")
LEVEL_MAX = 3


class Tapping(Simulated):
    def world(self, venue, case, example, *, seed):
        return Tapped(super().world(venue, case, example, seed=seed), venue)


def _first_examples():
    seen = set()
    for case, example in choose(discovery.all_cases(), level=LEVEL_MAX, names=()):
        if case.id not in seen:
            seen.add(case.id)
            yield pytest.param(case, example, id=case.id)


@pytest.mark.parametrize(("case", "example"), list(_first_examples()))
def test_a_case_holds_with_the_tap_in_the_way(case, example):
    result = run_case(
        case, example, venue=VENUE, adapter_factory=ReferenceClient, environment=Tapping()
    )
    assert (result.verdict, result.reason) == ("pass", "")
