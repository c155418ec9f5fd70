"""Start the processes of a stress run, listen to them, and end them, whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from conformance import resources
from conformance.errors import ConformanceError, UsageError
from conformance.load.plan import Plan
from conformance.load.record import ADAPTER, LOCUST, Record

LEAD_S = 0.5
LINE_MAX = 2**27
READY_S = 60.0
"""How long processes may take until they are ready."""
ACCOUNT_S = 30.0
FAREWELL_S = 2.0
"""How long a worker's end may be known before its master's last word is."""
LAST_WORDS_S = 20.0
"""How long processes may take to end when asked to."""
STORM_FROM, STORM_SHARE = 0.35, 0.3
"""When a storm begins and how long it blows, as shares of the run."""
LOCUSTFILE = "locustfile.py"
Progress: TypeAlias = Callable[[Record], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who carries a plan out, and where the processes' own words go."""

    drive: str = LOCUST
    adapter: str = ""
    workers: int = 1
    lifted: bool = False
    """True when the venue's published budgets do not hold."""
    open_at: tuple[str, int] | None = None
    """Where a master of locust's waits for workers of other machines; None: only for our own."""
    log: Path
    """A file for what the processes write to their standard error."""


class Process:
    """A child process that says one JSON object a line."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process

    async def lines(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what it says until it ends; lines that are no JSON objects are passed over."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if line.startswith(b"{"):
                yield json.loads(line)

    async def heard(self, kind: str) -> dict[str, Any]:
        """Wait for a line of a kind; raise ConformanceError when it ends before."""
        async for line in self.lines():
            if line["kind"] == kind:
                return line
            if line["kind"] in ("trouble", "refused"):
                raise ConformanceError(f"{self.name}: {line['text']}", hint=line.get("hint", ""))
        raise ConformanceError(
            f"{self.name} ended before it was {kind}", hint="its log is beside the report"
        )

    def say(self, **what: object) -> None:
        """Send one line; a process that is gone hears nothing."""
        assert self.process.stdin is not None
        if not self.process.stdin.is_closing():
            self.process.stdin.write(json.dumps(what).encode() + b"\n")

    def interrupt(self) -> None:
        """Ask it to end."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    async def ended(self) -> int:
        """Wait until it has ended, and make it end when it takes too long."""
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            return await self.process.wait()


@asynccontextmanager
async def started(
    name: str, arguments: Sequence[str], staff: Staff, more: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Run ``python arguments`` until the block ends; nothing of it is left behind."""
    with staff.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=LINE_MAX,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(more or {}),
            # Ctrl-C is ours to hand on: everybody else ends when we have heard the last word.
            start_new_session=True,
        )
    child = Process(name, process)
    try:
        yield child
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await child.ended()


async def carry_out(
    plan: Plan, staff: Staff, *, over: asyncio.Event, progress: Progress = lambda _record: None
) -> Record:
    """Carry a plan out on a simulator of its own; ``over`` ends it before its time.

    Raises ConformanceError when the processes cannot be started; what happens later is part of
    the record.
    """
    if staff.drive == LOCUST:
        need_locust()
    record = Record(plan, staff.drive, staff.adapter)
    async with started("the venue", ["-m", "conformance.load.venue"], staff) as venue:
        venue.say(venue=plan.venue, bots=plan.bots, symbols=plan.symbols, lifted=staff.lifted)
        async with asyncio.timeout(READY_S):
            ready = await venue.heard("ready")
        account: asyncio.Future[dict[str, Any] | None] = asyncio.Future()
        listening = asyncio.create_task(_hear_venue(venue, record, account, over, progress))
        orders = {"plan": asdict(plan), "seats": ready["seats"], "goods": ready["goods"]}
        drive = _locust if staff.drive == LOCUST else _swarm
        await drive(orders, staff, record, venue, over)
        record.cut = record.cut or over.is_set()
        venue.say(do="account")
        with suppress(TimeoutError):
            async with asyncio.timeout(ACCOUNT_S):
                if (held := await account) is not None:
                    record.account(held)
        listening.cancel()
    if venue.process.returncode:
        record.troubles.append(f"the venue ended with code {venue.process.returncode}")
    return record


async def _hear_venue(
    venue: Process,
    record: Record,
    account: asyncio.Future[dict[str, Any] | None],
    over: asyncio.Event,
    progress: Progress,
) -> None:
    async for line in venue.lines():
        if line["kind"] == "venue":
            record.venue_seconds.append(line)
            progress(record)
        elif line["kind"] == "account":
            account.set_result(line)
            return
    record.troubles.append("the venue died: everything after that was asked of nobody")
    account.set_result(None)
    over.set()


async def _swarm(
    orders: dict[str, Any], staff: Staff, record: Record, venue: Process, over: asyncio.Event
) -> None:
    """Let adapters drive, shared out over the processes."""
    seats = list(enumerate(orders["seats"]))
    async with _all_started(
        [(f"process {n}", ["-m", "conformance.load.swarm"]) for n in range(staff.workers)], staff
    ) as processes:
        for number, process in enumerate(processes):
            share = seats[number :: len(processes)]
            process.say(**orders | {"seats": share, "adapter": staff.adapter})
        async with asyncio.timeout(READY_S):
            await asyncio.gather(*(process.heard("ready") for process in processes))
        for process in processes:
            process.say(do="go", lead_s=LEAD_S)
        _begun(record, venue, LEAD_S)
        halting = asyncio.create_task(_halt(processes, over))
        await asyncio.gather(*(_hear(process, record, venue) for process in processes))
        halting.cancel()


async def _halt(processes: Sequence[Process], over: asyncio.Event) -> None:
    await over.wait()
    for process in processes:
        process.say(do="halt")


async def _locust(
    orders: dict[str, Any], staff: Staff, record: Record, venue: Process, over: asyncio.Event
) -> None:
    """Let locust drive: one process, or a master with its workers."""
    file = resources.data("loadtests", LOCUSTFILE)
    common = ["-m", "locust", "-f", str(file), "--only-summary", "--loglevel", "WARNING"]
    lead = [*common, "--headless", "-u", str(orders["plan"]["bots"]), "-r", "10000"]
    many = staff.workers > 1 or staff.open_at is not None
    if many:
        host, port = staff.open_at or ("127.0.0.1", 0)
        lead += ["--master", "--master-bind-host", host, "--master-bind-port", str(port)]
        lead += ["--expect-workers", str(staff.workers)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.json"
        path.write_text(json.dumps(orders), encoding="utf-8")
        where = {"CONFORMANCE_LOAD": str(path), "PYTHONPATH": _path(file)}
        async with started("locust", lead, staff, where) as master:
            workers: list[tuple[str, list[str]]] = []
            if many and staff.open_at is None:
                async with asyncio.timeout(READY_S):
                    port = (await master.heard("listening"))["port"]
                follow = [*common, "--worker", "--master-host", "127.0.0.1"]
                workers = [
                    (f"worker {n}", [*follow, "--master-port", str(port)])
                    for n in range(staff.workers)
                ]
            async with _all_started(workers, staff, where) as crew:
                await _until_locust_ends(master, crew, record, venue, over)


async def follow(host: str, port: int, log: Path, over: asyncio.Event) -> int:
    """Work for a master elsewhere until it has had enough; return the worker's exit code.

    Raises UsageError when locust is not installed.
    """
    need_locust()
    file = resources.data("loadtests", LOCUSTFILE)
    arguments = ["-m", "locust", "-f", str(file), "--worker", "--loglevel", "WARNING"]
    arguments += ["--master-host", host, "--master-port", str(port)]
    where = {"PYTHONPATH": _path(file)}
    async with started("worker", arguments, Staff(log=log), where) as worker:
        ending = asyncio.create_task(_end(worker, over))
        async for line in worker.lines():
            if line["kind"] == "refused":
                raise UsageError(line["text"], hint=line["hint"])
        code = await worker.process.wait()
        ending.cancel()
    return code


async def _end(worker: Process, over: asyncio.Event) -> None:
    await over.wait()
    worker.interrupt()


async def _until_locust_ends(
    master: Process, crew: Sequence[Process], record: Record, venue: Process, over: asyncio.Event
) -> None:
    finished = asyncio.Event()
    halting = asyncio.create_task(_interrupt(master, record, over))
    watching = [asyncio.create_task(_miss(each, master, record, finished)) for each in crew]
    await _hear(master, record, venue, finished)
    for task in (halting, *watching):
        task.cancel()


async def _interrupt(master: Process, record: Record, over: asyncio.Event) -> None:
    await over.wait()
    record.cut = True
    master.interrupt()


async def _miss(worker: Process, master: Process, record: Record, finished: asyncio.Event) -> None:
    """Say when a worker ends before the run does: what it did not tell is missing."""
    async for _ in worker.lines():
        continue
    code = await worker.process.wait()
    try:
        async with asyncio.timeout(FAREWELL_S):
            await finished.wait()
    except TimeoutError:
        record.troubles.append(f"{worker.name} ended with code {code} before the run did")
        master.interrupt()


async def _hear(
    process: Process, record: Record, venue: Process, finished: asyncio.Event | None = None
) -> None:
    """Add up what a process tells until it ends; ``finished`` is set at its last word."""
    ended = False
    async for line in process.lines():
        record.take(process.name, line)
        if line["kind"] == "go":
            _begun(record, venue, line["lead_s"])
        elif line["kind"] == "refused":
            raise UsageError(line["text"], hint=line["hint"])
        elif line["kind"] in ("finished", "ended") and finished is not None:
            finished.set()
        if line["kind"] == "ended":
            ended = True
            record.cut = record.cut or not line["complete"]
    if not ended and not record.cut:
        code = await process.process.wait()
        record.troubles.append(f"{process.name} died with code {code} before its end")


def _begun(record: Record, venue: Process, lead_s: float) -> None:
    """Take note of the start; let a storm follow where the profile has one."""
    record.venue_begun = len(record.venue_seconds)
    plan = record.plan
    if plan.manner.storm:
        begins_s, for_s = plan.duration_s * STORM_FROM, plan.duration_s * STORM_SHARE
        record.storm = begins_s, begins_s + for_s
        venue.say(do="storm", after_s=lead_s + begins_s, for_s=for_s)


@asynccontextmanager
async def _all_started(
    children: Sequence[tuple[str, Sequence[str]]],
    staff: Staff,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[list[Process]]:
    from contextlib import AsyncExitStack  # noqa: PLC0415 - here alone

    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(started(name, arguments, staff, more))
            for name, arguments in children
        ]


def need_locust() -> None:
    """Raise UsageError when locust is not installed."""
    if find_spec("locust") is None:
        raise UsageError(
            "locust is not installed",
            hint="install the extra for load runs: pip install 'exchange-conformance[load]'",
        )


def _path(file: Path) -> str:
    """Return the search path by which the load tests find each other, and us."""
    ours = [str(file.parents[1]), str(Path(__file__).parents[2])]
    return os.pathsep.join([*ours, *filter(None, [os.environ.get("PYTHONPATH")])])


__all__ = ["ADAPTER", "LOCUST", "Process", "Staff", "carry_out", "need_locust", "started"]
