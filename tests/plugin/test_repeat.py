"""One seed replays one run: the same journal, byte for byte, in whatever process."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from conformance.client import ReferenceClient
from conformance.plugin.discovery import all_cases, all_monitors
from conformance.plugin.running import run_case
from conformance.plugin.selection import examples
from conformance.venues import load, names
from loadtests import repeat

SAMPLE = ("CLK-03", "DUP-04", "LIF-02", "RSY-12", "RSY-13", "RTL-02", "UNK-01", "UNK-05")
REPEATS = 3
"""`make repeat` runs all cases of all venues twenty times."""
VENUE = "binance_usdm"


def story(case, example, seed, venue=VENUE):
    """Return everything that the journal is told of one run, but this machine's own clock."""
    told = []

    def listen(kind, **fields):
        fields.pop("duration_ms", None)
        fields.pop("started_ms", None)
        told.append((kind, repr(fields)))

    result = run_case(
        case,
        example,
        venue=load(venue),
        adapter_factory=ReferenceClient,
        seed=seed,
        listener=listen,
    )
    return result.verdict, told


def watched(journal):
    """Return how often each rule was put to the test over all cases, and which were broken."""
    tried, broken = Counter(), set()
    for line in journal.splitlines():
        event = json.loads(line)
        if event["kind"] == "watched":
            tried.update(event["tested"])
            broken.update(event["broken"])
    return tried, broken


def test_every_case_tells_the_same_story_in_one_process_or_two_and_no_rule_is_broken(tmp_path):
    asked = ["--seed", "7", "--venue", VENUE]
    first, second = (repeat.journal(tmp_path, number, asked) for number in range(2))
    assert first.count(b'"kind":"case-finished"') >= len(all_cases())
    assert first == second, repeat.difference(first, second)
    tried, broken = watched(first)
    assert broken == set()
    assert [rule.id for rule in all_monitors() if not tried[rule.id]] == []


@pytest.mark.parametrize("venue", names())
@pytest.mark.parametrize(
    "case", [case for case in all_cases() if case.id in SAMPLE], ids=lambda case: case.id
)
def test_repeats_in_one_process_agree(case, venue):
    example = examples(case)[0]
    first = story(case, example, 3, venue)
    for _ in range(REPEATS - 1):
        assert story(case, example, 3, venue) == first


def test_another_seed_plays_another_run():
    case = next(case for case in all_cases() if case.id == "RSY-13")
    assert story(case, None, 1) != story(case, None, 2)
