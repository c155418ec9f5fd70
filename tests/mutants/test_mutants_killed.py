"""Every mutant is caught by everything it names, with a message that names the broken rule."""

import pytest

from conformance.cases import CASES, MONITORS, Case, Mutant
from conformance.client import ReferenceClient
from conformance.plugin.discovery import all_cases, all_monitors, all_mutants
from conformance.plugin.running import CaseResult, run_case
from conformance.venues import load

all_cases()
all_monitors()
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


def first_finding(mutant: Mutant, case: Case, name: str) -> CaseResult | None:
    venue = load("binance_usdm")
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
