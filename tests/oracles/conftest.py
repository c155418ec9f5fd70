from __future__ import annotations

import os
from functools import lru_cache

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


@pytest.fixture
def venue() -> str:
    """The venue at hand; a test of another one, or of all, parametrises it."""
    return VENUE


@pytest.fixture
def chosen(venue) -> Plan:
    return plan.load(venue)


@pytest.fixture
def files(venue) -> list[VectorFile]:
    return _stored(venue)


@lru_cache
def _stored(venue: str) -> list[VectorFile]:
    return vectors.load_all(venue)


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
def living(request):
    """A running witness, by name; ``venue/name`` where it is not of the usual one."""
    venue, _, name = request.param.rpartition("/")
    witness = next(w for w in plan.load(venue or VENUE).witnesses if w.name == name)
    home = _live(witness)
    with listening() as capture, start(witness, capture, home) as child:
        yield child
