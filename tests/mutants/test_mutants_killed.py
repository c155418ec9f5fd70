"""Every mutant is caught by everything it names, with a message that names the broken rule."""

import pytest

from conformance.cases import CASES, MONITORS, Case, Mutant
from conformance.client import ReferenceClient
from conformance.evidence.verdicts import Verdict
from conformance.plugin.discovery import all_cases, all_monitors, all_mutants
from conformance.plugin.running import CaseResult, run_case
from conformance.venues import load, names

all_cases()
all_monitors()
HOME = "binance_usdm"
CAUGHT_BY_CASES = [
    pytest.param(mutant, CASES.get(name), id=f"{mutant.name}-{name}")
    for mutant in all_mutants()
    for name in mutant.kills
    if name not in MONITORS
]
CAUGHT_BY_MONITORS = [
    pytest.param(mutant, name, id=f"{mutant.name}-{name}")
    for mutant in all_mutants()
    for name in mutant.kills
    if name in MONITORS
]


SHARD = 12
"""Elsewhere than at home one mutant of so many is tried: `conformance mutants` tries them all."""
ABROAD = [
    pytest.param(name, mutant, id=f"{name}-{mutant.name}")
    for name in names()
    if name != HOME
    for mutant in list(all_mutants())[::SHARD]
    if not mutant.ways - load(name).ways
]
INAPPLICABLE = {
    "bybit": {
        "absent-level-raises",
        "consecutive-ids-demanded",
        "maintenance-is-for-ever",
        "old-session-reused",
        "payments-of-one-number-merged",
        "pings-unanswered",
        "reduce-only-in-hedge-mode",
        "session-never-extended",
        "subscriptions-repeated",
        "upkeep-ends-at-first-failure",
        "upkeep-without-key",
        "window-without-end",
    },
}
"""Faults that a venue does not know, as it declares."""


def first_finding(mutant: Mutant, case: Case, name: str) -> CaseResult | None:
    venue = load(HOME)
    for example in case.examples or (None,):
        result = run_case(case, example, venue=venue, adapter_factory=mutant.factory)
        if name in result.broken:
            return result
    return None


@pytest.mark.parametrize(("mutant", "case"), CAUGHT_BY_CASES)
def test_a_mutant_is_caught(mutant: Mutant, case: Case):
    result = first_finding(mutant, case, case.id)
    assert result is not None, f"{case.id} does not notice: {mutant.fault}"
    assert len(result.claim.split()) > 3
    assert "real time" not in result.observed


@pytest.mark.parametrize(("mutant", "name"), CAUGHT_BY_MONITORS)
def test_a_mutant_breaks_the_rule_that_it_names(mutant: Mutant, name: str):
    cases = {*mutant.kills, *mutant.during}.difference(monitor.id for monitor in MONITORS)
    found = (first_finding(mutant, CASES.get(case), name) for case in sorted(cases))
    assert any(found), f"{name} does not notice: {mutant.fault}"


@pytest.mark.parametrize(("venue", "mutant"), ABROAD)
def test_a_mutant_is_caught_at_another_venue(venue: str, mutant: Mutant):
    cases = [name for name in (*mutant.kills, *mutant.during) if name not in MONITORS]
    told = set()
    for case in map(CASES.get, cases):
        for example in case.examples or (None,):
            result = run_case(case, example, venue=load(venue), adapter_factory=mutant.factory)
            if set(mutant.kills) & set(result.broken):
                return
            told.add(result.verdict)
    assert told == {Verdict.NOT_APPLICABLE}, f"at {venue} nothing notices: {mutant.fault}"


@pytest.mark.parametrize("venue", sorted(INAPPLICABLE))
def test_what_a_venue_does_not_know_is_said(venue: str):
    strange = {mutant.name for mutant in all_mutants() if mutant.ways - load(venue).ways}
    assert strange == INAPPLICABLE[venue]


def test_every_rule_is_broken_by_a_mutant():
    named = {name for mutant in all_mutants() for name in mutant.kills}
    assert [monitor.id for monitor in MONITORS if monitor.id not in named] == []


def test_there_are_enough_faults_to_prove_the_cases():
    assert len(all_mutants()) >= 30


@pytest.mark.parametrize("mutant", list(all_mutants()), ids=lambda mutant: mutant.name)
def test_a_mutant_is_one_fault_in_the_reference_client(mutant: Mutant):
    assert isinstance(mutant.factory, type)
    assert issubclass(mutant.factory, ReferenceClient)
    assert mutant.factory is not ReferenceClient
    assert mutant.fault.endswith(".")
    assert mutant.bug
    assert mutant.kills == tuple(sorted(mutant.kills))
