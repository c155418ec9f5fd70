"""Run a coroutine to its end in virtual time, within bounds, leaving nothing behind."""

from __future__ import annotations

import asyncio
from asyncio import Task
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from conformance.errors import OutOfTime
from conformance.virtual.chance import seeded
from conformance.virtual.clocks import bound
from conformance.virtual.loop import EPOCH_MS, VirtualLoop

VIRTUAL_LIMIT_MS = 48 * 3600 * 1000
REAL_LIMIT_S = 120.0
CLEANUP_VIRTUAL_MS = 120_000
"""How long cancelled leftovers may take to end, in virtual time."""
CLEANUP_REAL_S = 10.0
CLEANUP_ROUNDS_MAX = 3
"""How often leftovers may leave something over themselves."""
TASKS_NAMED_MAX = 20

T = TypeVar("T")


def run(
    main: Callable[[], Coroutine[Any, Any, T]],
    *,
    epoch_ms: int = EPOCH_MS,
    virtual_limit_ms: int = VIRTUAL_LIMIT_MS,
    real_limit_s: float = REAL_LIMIT_S,
    seed: object = 0,
) -> T:
    """Run ``main()`` on a virtual loop with clocks and chance bound, and return its result.

    ``seed`` governs everything that chance decides in this process, in any library.

    Tasks left over are cancelled and awaited. Raises OutOfTime, naming what every task was
    waiting for, when ``virtual_limit_ms`` or ``real_limit_s`` is used up.
    """
    loop = VirtualLoop(epoch_ms=epoch_ms)
    late: list[OutOfTime] = []
    try:
        with bound(loop), seeded(seed):
            asyncio.set_event_loop(loop)
            task: Task[T] = loop.create_task(main(), name="main")
            try:
                _drive(loop, task, virtual_limit_ms, real_limit_s)
            except OutOfTime as error:
                late.append(error)
            try:
                _clean(loop)
            except OutOfTime as error:
                late.append(error)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    if late and (task.cancelled() or not task.done() or task.exception() is None):
        raise late[0]
    return task.result()


def waiting(loop: asyncio.AbstractEventLoop) -> tuple[str, ...]:
    """Say of every unfinished task of ``loop`` where it waits, and for what."""
    return tuple(sorted(_describe(task) for task in asyncio.all_tasks(loop)))


def _drive(loop: VirtualLoop, work: asyncio.Future[Any], virtual_ms: int, real_s: float) -> None:
    """Run the loop until ``work`` is done; raise OutOfTime at a bound."""
    hit: list[OutOfTime] = []

    def overrun(bound_hit: str) -> None:
        hit.append(OutOfTime(bound_hit, waiting=waiting(loop)[:TASKS_NAMED_MAX]))
        loop.stop()

    def done(_: asyncio.Future[Any]) -> None:
        loop.stop()

    loop.grant(real_s, lambda: overrun(f"{real_s:g} s of real time are used up"))
    work.add_done_callback(done)
    timer = loop.call_later(
        virtual_ms / 1000, overrun, f"{virtual_ms} ms of virtual time are used up"
    )
    try:
        loop.run_forever()
    finally:
        timer.cancel()
        work.remove_done_callback(done)
    if hit and not work.done():
        raise hit[0]
    if not work.done():
        raise OutOfTime("the loop was stopped", waiting=waiting(loop)[:TASKS_NAMED_MAX])


def _clean(loop: VirtualLoop) -> None:
    """Cancel what is left over, within bounds, and close generators and threads."""
    for _ in range(CLEANUP_ROUNDS_MAX):
        leftovers = asyncio.all_tasks(loop)
        if not leftovers:
            break
        for task in sorted(leftovers, key=Task.get_name):
            task.cancel()
        ended = asyncio.gather(*leftovers, return_exceptions=True)
        _drive(loop, ended, CLEANUP_VIRTUAL_MS, CLEANUP_REAL_S)
        for task in leftovers:
            if not task.cancelled() and (error := task.exception()) is not None:
                loop.call_exception_handler(
                    {"message": "a leftover failed on its way out", "exception": error}
                )
    for ending in (loop.shutdown_asyncgens, loop.shutdown_default_executor):
        _drive(loop, loop.create_task(ending()), CLEANUP_VIRTUAL_MS, CLEANUP_REAL_S)


def _describe(task: asyncio.Task[Any]) -> str:
    """Name the task, the way down to where it is suspended, and what it awaits there."""
    way = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            break
        code = frame.f_code
        way.append(f"{code.co_qualname} ({code.co_filename}:{frame.f_lineno})")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    ending = f" awaiting {type(awaited).__name__}" if awaited is not None else ""
    return f"{task.get_name()}: {' > '.join(way)}{ending}"
