"""What a process uses: memory, files, sockets, threads, processor; and what its loop has to do."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

PROC = Path("/proc")
LAG_PROBE_S = 0.02


class Sample(NamedTuple):
    """One look at a process."""

    at_s: float
    """Monotonic seconds."""
    rss_kib: int
    fds: int
    sockets: int
    threads: int
    cpu_s: float
    tasks: int = 0
    """Tasks of the running event loop."""
    futures: int = 0
    """Pending futures that are no tasks, where the loop is a ``Loop``."""
    lag_ms: float = 0.0
    """The latest that the loop woke up since the sample before."""


class Sampler:
    """Looks at a process; at the loop too, when it is that of this process."""

    def __init__(self, pid: int | None = None) -> None:
        self._own = pid is None
        self._root = PROC / str(os.getpid() if pid is None else pid)
        self._tick = os.sysconf("SC_CLK_TCK")
        self.lag_ms = 0.0

    def sample(self) -> Sample:
        """Look once; raise FileNotFoundError when the process is gone."""
        status = (self._root / "status").read_text(encoding="ascii", errors="replace")
        fields = (self._root / "stat").read_text(encoding="ascii", errors="replace")
        used = fields.rpartition(")")[2].split()
        tasks = futures = 0
        if self._own and (loop := _loop()) is not None:
            tasks = len(asyncio.all_tasks(loop))
            futures = loop.pending() if isinstance(loop, Loop) else 0
        lag_ms, self.lag_ms = self.lag_ms, 0.0
        fds, sockets = self._descriptors()
        return Sample(
            at_s=time.monotonic(),
            rss_kib=_field(status, "VmRSS:"),
            fds=fds,
            sockets=sockets,
            threads=threading.active_count() if self._own else _field(status, "Threads:"),
            cpu_s=(int(used[11]) + int(used[12])) / self._tick,
            tasks=tasks,
            futures=futures,
            lag_ms=lag_ms,
        )

    async def watch_lag(self) -> None:
        """Measure how late the running loop wakes up, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_PROBE_S
            await asyncio.sleep(LAG_PROBE_S)
            self.lag_ms = max(self.lag_ms, (loop.time() - due) * 1000)

    def _descriptors(self) -> tuple[int, int]:
        fds = sockets = 0
        for link in (self._root / "fd").iterdir():
            try:
                target = str(link.readlink())
            except OSError:
                continue  # the one by which the folder is read
            fds += 1
            sockets += target.startswith("socket:")
        return fds, sockets


class Loop(asyncio.SelectorEventLoop):
    """An event loop that knows its futures: asking the collector would stop it for 50 ms."""

    def __init__(self) -> None:
        super().__init__()
        self._made: WeakSet[asyncio.Future[Any]] = WeakSet()

    def create_future(self) -> asyncio.Future[Any]:
        """Make a future and remember it as long as anybody else does."""
        future = super().create_future()
        self._made.add(future)
        return future

    def pending(self) -> int:
        """Return how many futures nobody has resolved yet."""
        return sum(not future.done() for future in list(self._made))


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _field(status: str, name: str) -> int:
    return int(status.split(name, 1)[1].split(None, 1)[0])
