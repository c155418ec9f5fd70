from __future__ import annotations

import os

import pytest

from conformance.oracles import homes, plan, vectors
from conformance.oracles.capture import listening
from conformance.oracles.child import start
from conformance.oracles.plan import Plan
from conformance.oracles.vectors import VectorFile
from conformance.oracles.witnesses import NotRun

VENUE = "binance_usdm"


def pytest_configure(config):
    config.addinivalue_line("markers", "rust: asks a Rust SDK, whose first build takes minutes")


@pytest.fixture(scope="session")
def chosen() -> Plan:
    return plan.load(VENUE)


@pytest.fixture(scope="session")
def files() -> list[VectorFile]:
    return vectors.load_all(VENUE)


def _live(witness):
    """Start a witness, or say why not: on a build machine that is a failure."""
    must = os.environ.get("CI", "").lower() == "true"
    home = homes.default_home()
    try:
        if must:
            homes.build(witness, home)
        homes.command(witness, home)
    except NotRun as reason:
        if must:
            pytest.fail(reason.message)
        pytest.skip(f"{reason.message}; {reason.hint}")
    return home


@pytest.fixture(scope="module")
def living(request, chosen):
    """A running witness, by name."""
    witness = next(w for w in chosen.witnesses if w.name == request.param)
    home = _live(witness)
    with listening() as capture, start(witness, capture, home) as child:
        yield child
