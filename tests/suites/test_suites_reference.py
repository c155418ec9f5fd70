"""The reference client passes every case at every venue: what a mutant fails is its own fault."""

import pytest

from conformance import venues
from conformance.cases import Case, Example
from conformance.client import ReferenceClient
from conformance.evidence.verdicts import Verdict
from conformance.plugin.discovery import all_cases
from conformance.plugin.running import case_key, run_case

HOME = "binance_usdm"
ENDURANCE = 5
"""Cases of this level live through days: once is enough here, and elsewhere when asked for."""
RUNS = [
    pytest.param(venue, case, example, id=case_key(venue, case, example))
    for venue in venues.names()
    for case in all_cases()
    for example in case.examples or (None,)
    if venue == HOME or case.level < ENDURANCE
]
INAPPLICABLE = {
    "binance_usdm/LIF-08[asset=another,side=buy,told=after-a-gap]",
    "binance_usdm/LIF-08[asset=another,side=buy,told=live]",
    "binance_usdm/LIF-08[asset=another,side=sell,told=after-a-gap]",
    "binance_usdm/LIF-08[asset=another,side=sell,told=live]",
    "bybit/DUP-03",
    "bybit/FND-02[one_off=True]",
    "bybit/FND-09",
    "bybit/LIF-07[cause=self-trade]",
    "bybit/MKT-03[phase=halted]",
    "bybit/MKT-03[phase=pre-delivery]",
    "bybit/MKT-06[snapshot=slow]",
    "bybit/MKT-06[snapshot=stale]",
    "bybit/ORD-13[breach=tiny-notional]",
    "bybit/ORD-20",
    "bybit/ORD-21[kind=limit]",
    "bybit/ORD-21[kind=market]",
    "bybit/RSY-05[upkeep=stumbles]",
    "bybit/RSY-06[trouble=expired]",
    "bybit/RSY-06[trouble=upkeep-refused]",
    "bybit/SIG-11[kind=ed25519]",
}
"""What makes no sense at a venue; whatever else is not applicable there has lost its proof."""


@pytest.mark.parametrize(("venue", "case", "example"), RUNS)
def test_the_reference_client_passes(venue: str, case: Case, example: Example | None):
    result = run_case(case, example, venue=venues.load(venue), adapter_factory=ReferenceClient)
    if result.key in INAPPLICABLE:
        assert result.verdict is Verdict.NOT_APPLICABLE
        assert result.reason
    else:
        assert result.verdict is Verdict.PASS, f"{result.reason}\n{result.observed}"


def test_what_does_not_apply_is_a_case_of_a_venue():
    assert {run.id for run in RUNS} >= INAPPLICABLE
