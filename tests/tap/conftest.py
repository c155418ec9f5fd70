from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import pytest

from conformance import venues, virtual
from conformance.plugin import discovery
from conformance.plugin.environments import SIMULATED, Recording, Replaying, tape_name
from conformance.plugin.running import run_case
from conformance.sim import SimWorld
from conformance.tap.tapped import Tapped

BOUND_S = 30
SEED = 11


@pytest.fixture(scope="session")
def venue():
    return venues.load("binance_usdm")


@pytest.fixture(scope="session")
def catalogue():
    """Find a case with one of its examples, by ``ID`` or ``ID[example]``."""
    cases = discovery.all_cases()

    def find(name):
        case_id, _, label = name.rstrip("]").partition("[")
        case = cases.get(case_id)
        return case, next((each for each in case.examples if each.label == label), None)

    return find


@pytest.fixture
def stage(venue):
    """Play a story in virtual time in a simulated world behind the tap."""

    def play(story):
        async def main():
            async with Tapped(SimWorld(venue, seed=SEED, case_id="story"), venue) as world:
                return await story(world)

        return virtual.run(main, real_limit_s=BOUND_S)

    return play


@pytest.fixture
def studio(venue, catalogue, tmp_path):
    """Record a case with an adapter, then play the tape to an adapter."""

    class Studio:
        folder = tmp_path / "tapes"

        def _run(self, name, factory, environment):
            case, example = catalogue(name)
            return run_case(
                case, example, venue=venue, adapter_factory=factory, environment=environment
            )

        def record(self, name, factory, **options):
            return self._run(name, factory, Recording(SIMULATED, self.folder, **options))

        def play(self, name, factory):
            return self._run(name, factory, Replaying(self.folder))

        def tape(self, name):
            return self.folder / tape_name(*catalogue(name))

    return Studio()


@pytest.fixture(scope="session")
def standing():
    """A simulator in a process of its own: what a test network is to us."""
    command = [sys.executable, "-c", "from conformance.cli.main import main; main()"]
    command += ["sim", "--seed", str(SEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND_S) == 0


@pytest.fixture
def within():
    """Run a coroutine in real time, within a bound."""

    def run(story):
        async def bounded():
            async with asyncio.timeout(BOUND_S):
                return await story()

        return asyncio.run(bounded())

    return run
