"""What pytest loads in every run of every user: options, fixtures, and one question.

The question is whether this run asks for conformance cases; only then is anything more loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.contracts.dialect import Venue

SUITES = "conformance.suites"
OPTIONS = (
    "venue",
    "adapter",
    "level",
    "seed",
    "report",
    "case",
    "folder",
    "env",
    "cassettes",
)
"""Names of the options after ``--conformance-``, and of the keys in ``[tool.conformance]``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options; what is not given comes from the file, then from the defaults."""
    group = parser.getgroup("conformance", "conformance of trading clients")
    add = group.addoption
    add("--conformance-venue", action="append", metavar="NAME", help="dialect; may be repeated")
    add("--conformance-adapter", metavar="MODULE:FACTORY", help="the code under test")
    add("--conformance-level", type=int, metavar="N", help="highest level of cases (default 4)")
    add("--conformance-seed", type=int, metavar="N", help="seed of every world (default 0)")
    add("--conformance-report", metavar="DIR", help="evidence folder (default reports/latest)")
    add("--conformance-case", action="append", metavar="ID", help="case or area; may be repeated")
    add("--conformance-folder", action="append", metavar="DIR", help="folder with your own cases")
    add("--conformance-env", metavar="NAME", help="where the venue lives: sim, replay, testnet")
    add("--conformance-cassettes", metavar="DIR", help="tapes to replay (default: as shipped)")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load what collects and runs cases, when cases are asked for."""
    config.addinivalue_line("markers", "conformance(level, area): a case of the catalogue")
    given = [name for name in OPTIONS if config.getoption(f"conformance_{name}") is not None]
    if given or any(SUITES in str(arg) for arg in config.invocation_params.args):
        from conformance.plugin.session import ConformanceSession  # noqa: PLC0415 - when asked

        config.pluginmanager.register(ConformanceSession(config), "conformance-session")


@pytest.fixture
def venue(pytestconfig: pytest.Config) -> Venue:
    """Give the first of the configured venues."""
    from conformance.plugin.staging import first_venue  # noqa: PLC0415 - when asked

    return first_venue(pytestconfig)


@pytest.fixture
def world(request: pytest.FixtureRequest, venue: Venue) -> Any:  # noqa: ANN401 - a late type
    """Give a fresh simulated venue; it is open while the asynchronous test runs."""
    from conformance.plugin.staging import set_stage  # noqa: PLC0415 - when asked

    return set_stage(request, venue).world


@pytest.fixture
def adapter(request: pytest.FixtureRequest, world: Any) -> Any:  # noqa: ANN401
    """Give the configured adapter, started in ``world`` while the asynchronous test runs."""
    from conformance.plugin.staging import put_on_stage  # noqa: PLC0415 - when asked

    return put_on_stage(request, world)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that stands on a stage in virtual time; leave every other one alone."""
    if "world" not in pyfuncitem.funcargs:
        return None
    from conformance.plugin.staging import perform  # noqa: PLC0415 - when asked

    return perform(pyfuncitem)
