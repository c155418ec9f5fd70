"""The reference client passes every case: what a mutant fails is the mutant's fault."""

import pytest

from conformance.cases import Case, Example
from conformance.client import ReferenceClient
from conformance.evidence.verdicts import Verdict
from conformance.plugin.discovery import all_cases
from conformance.plugin.running import run_case
from conformance.venues import load

RUNS = [(case, example) for case in all_cases() for example in case.examples or (None,)]


def run_id(run: object) -> str | None:
    if isinstance(run, Case):
        return run.id
    return run.label if isinstance(run, Example) else None


@pytest.mark.parametrize(("case", "example"), RUNS, ids=run_id)
def test_the_reference_client_passes(case: Case, example: Example | None):
    result = run_case(case, example, venue=load("binance_usdm"), adapter_factory=ReferenceClient)
    assert result.verdict is Verdict.PASS, f"{result.reason}\n{result.observed}"
