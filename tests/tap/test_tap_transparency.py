"""A client cannot tell the tap from the venue, whatever the case."""

from __future__ import annotations

import pytest

from conformance import venues
from conformance.client import ReferenceClient
from conformance.plugin import discovery, running
from conformance.plugin.selection import choose
from conformance.sim import SimWorld
from conformance.tap.tapped import Tapped

VENUE = venues.load("binance_usdm")
LEVEL_MAX = 3


def _first_examples():
    seen = set()
    for case, example in choose(discovery.all_cases(), level=LEVEL_MAX, names=()):
        if case.id not in seen:
            seen.add(case.id)
            yield pytest.param(case, example, id=case.id)


@pytest.mark.parametrize(("case", "example"), list(_first_examples()))
def test_a_case_holds_with_the_tap_in_the_way(case, example, monkeypatch):
    monkeypatch.setattr(
        running, "SimWorld", lambda venue, **rest: Tapped(SimWorld(venue, **rest), venue)
    )
    result = running.run_case(case, example, venue=VENUE, adapter_factory=ReferenceClient)
    assert (result.verdict, result.reason) == ("pass", "")
