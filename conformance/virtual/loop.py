"""The event loop that jumps over idle time.

Nothing is patched: the loop is asyncio's own with another ``time()`` and a selector that, where
it would have to sleep until the next timer, moves the clock instead.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from queue import Queue
from selectors import SelectorKey
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from conformance.virtual.clocks import NS, REAL
from conformance.virtual.traffic import Traffic

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

EPOCH_MS = 1_767_268_800_000
"""Where virtual time begins: 2026-01-01T12:00:00Z, between two funding instants."""
ORIGIN_S = 1_000
"""What ``loop.time()`` and ``time.monotonic()`` read at the beginning."""
POLL_S = 0.001
"""How long the kernel is given at a time to deliver what is under way."""
PATIENCE = 50
"""How often what is ready waits for the kernel to deliver the rest."""
STRANGER_S = 0.02
"""How long bytes from an end that we do not know may be under way."""
JOB_S = 0.2
"""How long a job in a thread is waited for on the spot; it may need the loop itself."""
IDLE_S = 0.05
"""How long to sleep at a time while a thread works, so that the real bound is seen."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class JumpingSelector(selectors.BaseSelector):
    """A selector that tells the loop to move its clock instead of sleeping."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._inner = selectors.DefaultSelector()
        self._traffic = Traffic()
        self._ranks: dict[int, int] = {}
        """Which descriptor was registered when: their order does not depend on their numbers."""
        self._registered = 0

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: object = None
    ) -> SelectorKey:
        """Register a file object."""
        key = self._inner.register(fileobj, events, data)
        self._registered += 1
        self._ranks[key.fd] = self._registered
        self._traffic.watch(key.fd, events)
        return key

    def modify(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> SelectorKey:
        """Change what a file object waits for."""
        key = self._inner.modify(fileobj, events, data)
        self._traffic.watch(key.fd, events)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> SelectorKey:
        """Forget a file object."""
        key = self._inner.unregister(fileobj)
        self._traffic.forget(key.fd)
        return key

    def get_map(self) -> Mapping[FileDescriptorLike, SelectorKey]:
        """Return what is registered."""
        return self._inner.get_map()

    def close(self) -> None:
        """Close the selector."""
        self._traffic.close()
        self._inner.close()

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Return what is ready; with nothing under way, let the loop's time pass by ``timeout``.

        Without a timer (``timeout`` None) only the outside can go on: wait in real time.
        """
        self._loop.check_real_bound()
        ready = self._ready()
        if ready or (timeout is not None and timeout <= 0):
            return ready
        while timeout is None or self._loop.working():
            ready = self._inner.select(IDLE_S)
            if ready or self._loop.check_real_bound():
                return self._sorted(ready)
        ready = self._inner.select(STRANGER_S if self._traffic.strangers() else 0)
        if not ready:
            self._loop.pass_by(max(1, round(timeout * NS)))
        return self._sorted(ready)

    def _ready(self) -> list[tuple[SelectorKey, int]]:
        """Return what is ready once the kernel has delivered all that is under way."""
        ready = self._inner.select(0)
        patience = PATIENCE
        while self._traffic.under_way({key.fd for key, _ in ready}):
            if self._loop.check_real_bound() or (ready and not patience):
                break
            patience -= bool(ready)
            if ready:
                REAL["sleep"](POLL_S)
            else:
                self._inner.select(POLL_S)
            ready = self._inner.select(0)
        return self._sorted(ready)

    def _sorted(self, ready: list[tuple[SelectorKey, int]]) -> list[tuple[SelectorKey, int]]:
        """Order events by when their descriptors were registered, the same in every run."""
        if len(ready) > 1:
            ready.sort(key=lambda event: self._ranks[event[0].fd])
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while anything runs and jumps when nothing does.

    ``real_limit_s`` bounds the real time; when it is used up ``overrun`` is called once, from
    inside the loop, and should stop it.
    """

    def __init__(
        self,
        *,
        epoch_ms: int = EPOCH_MS,
        real_limit_s: float = float("inf"),
        overrun: Callable[[], object] | None = None,
    ) -> None:
        self.epoch_ns = epoch_ms * 1_000_000
        self.origin_ns = ORIGIN_S * NS
        self.elapsed_ns = 0
        self._tasks = 0
        self._threads: ThreadPoolExecutor | None = None
        self.jobs = 0
        """Executor jobs under way: while there are any, time stands still."""
        self.lookups: list[Callable[[object], bool]] = []
        """Asked with the address of every new connection whether its host cannot be found."""
        self._overrun = overrun
        self._real_end = REAL["monotonic"]() + real_limit_s
        super().__init__(JumpingSelector(self))

    def time(self) -> float:
        """Return the loop's time in seconds."""
        return (self.origin_ns + self.elapsed_ns) / NS

    def pass_by(self, delay_ns: int) -> None:
        """Let virtual time pass."""
        self.elapsed_ns += delay_ns

    def check_real_bound(self) -> bool:
        """Say whether the real time is used up, and report it once."""
        if REAL["monotonic"]() < self._real_end:
            return False
        overrun, self._overrun = self._overrun, None
        if overrun is not None:
            overrun()
        return True

    def grant(self, real_s: float, overrun: Callable[[], object]) -> None:
        """Set a new bound of real time from now on."""
        self._real_end = REAL["monotonic"]() + real_s
        self._overrun = overrun

    def create_task(self, *arguments: Any, **settings: Any) -> asyncio.Task[Any]:  # noqa: ANN401
        """Make a task; one without a name gets the next of this loop's own."""
        task = super().create_task(*arguments, **settings)
        if settings.get("name") is None:
            self._tasks += 1
            task.set_name(f"task-{self._tasks:06}")
        return task

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:  # noqa: ANN401
        """Connect a socket; raise socket.gaierror when the host is not to be found.

        Every connection of asyncio comes through here, that to a literal address too, whose name
        nobody looks up.
        """
        if any(cannot_be_found(address) for cannot_be_found in self.lookups):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        await super().sock_connect(sock, address)

    def working(self) -> bool:
        """Say whether a thread works for this loop, be it of an executor or of anyio."""
        return bool(self.jobs) or any(
            queue.unfinished_tasks
            for thread in (threading.enumerate() if threading.active_count() > 1 else ())
            if isinstance(queue := getattr(thread, "queue", None), Queue)
        )

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run ``func`` in a thread; the clock stands still until it is done.

        A job that is done soon is waited for on the spot, so that no event can overtake it.
        """
        if executor is None:
            if self._threads is None:
                self.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
            executor = self._threads
        assert executor is not None
        job = executor.submit(func, *args)
        wait([job], JOB_S)
        future = asyncio.wrap_future(job, loop=self)
        self.jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def set_default_executor(self, executor: ThreadPoolExecutor) -> None:  # type: ignore[override]
        """Let jobs without an executor of their own be done by this one."""
        super().set_default_executor(executor)
        self._threads = executor

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - asyncio's own signature
    ) -> None:
        """Join the executor's threads; the clock stands still until they are gone."""
        self.jobs += 1
        try:
            await super().shutdown_default_executor(*(() if timeout is None else (timeout,)))
        finally:
            self.jobs -= 1

    def _job_done(self, _: asyncio.Future[T]) -> None:
        self.jobs -= 1
