"""Threads work in no virtual time, nothing overtakes them, and one that never ends is named."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anyio.to_thread
import pytest

from conformance.errors import OutOfTime
from conformance.virtual import EPOCH_MS, run
from conformance.virtual.clocks import REAL


@pytest.mark.parametrize("work", [asyncio.to_thread, anyio.to_thread.run_sync])
def test_a_working_thread_takes_no_virtual_time(work):
    async def main():
        timer = asyncio.create_task(asyncio.sleep(0.001))
        thread = asyncio.create_task(work(REAL["sleep"], 0.3))
        await asyncio.wait([timer, thread], return_when=asyncio.FIRST_COMPLETED)
        return thread.done(), timer.done()

    assert run(main) == (True, False)


def test_a_name_is_looked_up_in_no_virtual_time():
    async def main():
        async with asyncio.timeout(0.000_001):
            found = await asyncio.get_running_loop().getaddrinfo("localhost", 80)
        return bool(found), time.time_ns() // 1_000_000 - EPOCH_MS

    assert run(main) == (True, 0)


def test_jobs_end_in_the_order_in_which_they_were_given():
    async def main():
        ended = []

        async def job(number):
            await asyncio.to_thread(REAL["sleep"], 0.02 / (number + 1))
            ended.append(number)

        await asyncio.gather(*(job(number) for number in range(5)))
        return ended

    assert run(main) == [0, 1, 2, 3, 4]


def test_a_job_may_need_the_loop():
    async def main():
        loop = asyncio.get_running_loop()

        def job():
            return asyncio.run_coroutine_threadsafe(
                asyncio.sleep(0, "from the loop"), loop
            ).result()

        return await asyncio.to_thread(job)

    assert run(main) == "from the loop"


def test_an_executor_of_ones_own_is_used():
    async def main():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(thread_name_prefix="mine") as pool:
            return (await loop.run_in_executor(pool, threading.current_thread)).name

    assert run(main).startswith("mine")


@pytest.mark.parametrize("work", [asyncio.to_thread, anyio.to_thread.run_sync])
def test_a_thread_that_never_ends_is_stopped_at_the_real_bound_and_named(work, monkeypatch):
    monkeypatch.setattr("conformance.virtual.running.CLEANUP_REAL_S", 0.2)
    release = threading.Event()

    async def waits_for_a_stuck_thread():
        try:
            await work(release.wait)
        finally:
            release.set()

    with pytest.raises(OutOfTime, match="real time") as caught:
        run(waits_for_a_stuck_thread, real_limit_s=0.5)
    assert any("waits_for_a_stuck_thread" in line for line in caught.value.waiting)


def test_the_virtual_bound_holds_beside_idle_threads():
    async def main():
        await anyio.to_thread.run_sync(int)
        await asyncio.Event().wait()

    with pytest.raises(OutOfTime, match="virtual time"):
        run(main, virtual_limit_ms=60_000)
