"""A virtual run jumps over idle time, ends within its bounds and leaves nothing behind."""

from __future__ import annotations

import asyncio
import time

import pytest

from conformance.errors import OutOfTime
from conformance.virtual import EPOCH_MS, run, waiting
from conformance.virtual.clocks import REAL

DAY_S = 24 * 3600


def test_a_day_of_sleep_passes_at_once():
    async def main():
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(DAY_S)
        return asyncio.get_running_loop().time() - before

    began = REAL["monotonic"]()
    assert run(main) == DAY_S
    assert REAL["monotonic"]() - began < 5


def test_timers_fire_in_the_order_of_their_instants_and_at_them():
    seen = []

    async def nap(delay):
        await asyncio.sleep(delay)
        seen.append((delay, time.time_ns() // 1_000_000 - EPOCH_MS))

    async def main():
        await asyncio.gather(*(nap(delay) for delay in (3, 0.25, 3600, 0.5, 0.001)))

    run(main)
    assert seen == [(0.001, 1), (0.25, 250), (0.5, 500), (3, 3000), (3600, 3_600_000)]


def test_the_clock_stands_still_while_a_thread_works():
    async def main():
        loop = asyncio.get_running_loop()
        timer = asyncio.create_task(asyncio.sleep(0.000001, "timer"))
        thread = loop.run_in_executor(None, REAL["sleep"], 0.05)
        await asyncio.wait([timer, thread], return_when=asyncio.FIRST_COMPLETED)
        return thread.done(), timer.done()

    assert run(main) == (True, False)


def test_the_result_and_the_exception_of_main_come_through():
    async def fails():
        raise LookupError("mine")

    async def succeeds():
        return 7

    assert run(succeeds) == 7
    with pytest.raises(LookupError, match="mine"):
        run(fails)


def test_the_virtual_bound_names_what_tasks_were_waiting_for():
    async def stuck_on_purpose():
        await asyncio.Event().wait()

    async def main():
        await stuck_on_purpose()

    with pytest.raises(OutOfTime) as caught:
        run(main, virtual_limit_ms=1000)
    assert "1000 ms of virtual time" in str(caught.value)
    assert any("stuck_on_purpose" in line for line in caught.value.waiting)


def test_the_real_bound_ends_a_loop_that_never_rests():
    async def main():
        while True:
            await asyncio.sleep(0)

    with pytest.raises(OutOfTime, match="real time"):
        run(main, real_limit_s=0.1)


def test_leftovers_are_cancelled_and_awaited():
    ended = []

    async def background():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            ended.append(True)

    tasks = []

    async def main():
        tasks.append(asyncio.create_task(background()))
        await asyncio.sleep(0)

    run(main)
    assert ended == [True]
    assert tasks[0].cancelled()


def test_a_leftover_that_refuses_to_end_is_an_error(monkeypatch):
    monkeypatch.setattr("conformance.virtual.running.CLEANUP_VIRTUAL_MS", 100)
    release = []

    async def stubborn():
        while not release:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                release.append(len(release))
                await asyncio.sleep(1000)

    tasks = []

    async def main():
        tasks.append(asyncio.create_task(stubborn()))
        await asyncio.sleep(0)

    with pytest.raises(OutOfTime) as caught:
        run(main)
    assert any("stubborn" in line for line in caught.value.waiting)
    tasks[0]._log_destroy_pending = False


def test_two_runs_of_one_program_see_the_same_instants():
    async def main():
        stamps = []
        for delay in (0.1, 0.2, 0.7):
            await asyncio.sleep(delay)
            stamps.append(time.time_ns())
        return stamps

    assert run(main) == run(main)


def test_waiting_names_the_await_chain():
    async def inner():
        await asyncio.Event().wait()

    async def outer():
        await inner()

    async def main():
        task = asyncio.create_task(outer(), name="outer-task")
        await asyncio.sleep(0)
        lines = waiting(asyncio.get_running_loop())
        task.cancel()
        return [line for line in lines if line.startswith("outer-task")]

    (line,) = run(main)
    assert "outer" in line
    assert "inner" in line
    assert "Event.wait" in line
