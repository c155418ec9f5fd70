"""Every mutant is caught by every case it names, with a message that names the broken rule."""

import pytest

from conformance.cases import CASES, Case, Mutant
from conformance.client import ReferenceClient
from conformance.evidence.verdicts import Verdict
from conformance.plugin.discovery import all_cases, all_mutants
from conformance.plugin.running import CaseResult, run_case
from conformance.venues import load

all_cases()
PAIRS = [
    pytest.param(mutant, CASES.get(case_id), id=f"{mutant.name}-{case_id}")
    for mutant in all_mutants()
    for case_id in mutant.kills
]


def first_finding(mutant: Mutant, case: Case) -> CaseResult | None:
    venue = load("binance_usdm")
    for example in case.examples or (None,):
        result = run_case(case, example, venue=venue, adapter_factory=mutant.factory)
        if result.verdict is Verdict.FAIL:
            return result
    return None


@pytest.mark.parametrize(("mutant", "case"), PAIRS)
def test_a_mutant_is_caught(mutant: Mutant, case: Case):
    result = first_finding(mutant, case)
    assert result is not None, f"{case.id} does not notice: {mutant.fault}"
    assert len(result.claim.split()) > 3
    assert "real time" not in result.observed


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
