"""The process's clocks follow the loop while a run is active, and not a moment longer."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib.util
import sys
import time

import pytest

from conformance.virtual import EPOCH_MS, run
from conformance.virtual.clocks import REAL, bound
from conformance.virtual.loop import VirtualLoop


@pytest.fixture
def taker(tmp_path):
    """A module of the code under test that takes its clock by name."""
    path = tmp_path / "taker_of_clocks.py"
    path.write_text("from time import time, monotonic\nfrom datetime import datetime\n")
    spec = importlib.util.spec_from_file_location("taker_of_clocks", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["taker_of_clocks"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["taker_of_clocks"]


def test_every_clock_shows_the_loops_time():
    async def main():
        before = (time.monotonic_ns(), time.perf_counter_ns(), time.monotonic())
        await asyncio.sleep(1.5)
        assert time.time() == EPOCH_MS / 1000 + 1.5
        assert time.time_ns() == (EPOCH_MS + 1500) * 1_000_000
        assert time.monotonic_ns() - before[0] == 1_500_000_000
        assert time.perf_counter_ns() - before[1] == 1_500_000_000
        assert time.monotonic() - before[2] == 1.5
        assert time.monotonic() == asyncio.get_running_loop().time()
        assert time.gmtime().tm_sec == 1

    run(main)


def test_datetime_shows_the_loops_time_through_every_reference(taker):
    expected = dt.datetime.fromtimestamp(EPOCH_MS / 1000 + 0.25, dt.UTC)

    async def main():
        await asyncio.sleep(0.25)
        assert taker.datetime.now(dt.UTC) == expected
        assert dt.datetime.utcnow() == expected.replace(tzinfo=None)  # noqa: DTZ003
        assert dt.datetime.now().timestamp() == expected.timestamp()  # noqa: DTZ005
        assert dt.date.today() == expected.astimezone().date()  # noqa: DTZ011

    run(main)


def test_clocks_taken_by_name_are_bound_too_and_given_back(taker):
    real = taker.time

    async def main():
        return taker.time(), taker.monotonic()

    assert run(main)[0] == EPOCH_MS / 1000
    assert taker.time is real


def test_the_real_clocks_return_after_the_run():
    async def main():
        return time.time, dt.datetime.now

    shim, now = run(main)
    assert time.time is REAL["time"]
    assert abs(time.time() - REAL["time"]()) < 5
    assert abs(shim() - REAL["time"]()) < 5, "a reference taken during the run still works"
    real = dt.datetime.fromtimestamp(REAL["time"](), dt.UTC)
    assert abs(dt.datetime.now(dt.UTC) - real) < dt.timedelta(seconds=5)
    assert now.__self__ is dt.datetime


def test_a_blocking_sleep_lets_virtual_time_pass():
    async def main():
        before = time.time_ns()
        time.sleep(3600)  # noqa: ASYNC251 - what careless code does
        return time.time_ns() - before

    assert run(main) == 3600 * 10**9


def test_clocks_are_bound_to_one_run_at_a_time():
    loop = VirtualLoop()
    try:
        with bound(loop), pytest.raises(RuntimeError, match="another virtual run"), bound(loop):
            pass
    finally:
        loop.close()
    assert time.time is REAL["time"]
