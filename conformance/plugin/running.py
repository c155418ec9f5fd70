"""Run one case with one example against one adapter, and judge what came of it."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from conformance.cases import Case, Example
from conformance.cases.areas import area_title
from conformance.contracts.adapter import Adapter, AdapterFactory, Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.errors import (
    Beyond,
    ConformanceError,
    Finding,
    InvariantBroken,
    OutOfTime,
    UsageError,
)
from conformance.evidence.logs import LogLines
from conformance.evidence.redaction import Redactor
from conformance.evidence.verdicts import Verdict
from conformance.evidence.wire import WireLog
from conformance.gateway.ground import Ground
from conformance.model.wire import Frame, RoundTrip, Stream
from conformance.plugin.discovery import all_monitors
from conformance.plugin.environments import SIMULATED, Environment
from conformance.plugin.hearing import hear
from conformance.plugin.meeting import Meetings
from conformance.plugin.watching import Breach, Watch
from conformance.sim import SimWorld

Listener: TypeAlias = Callable[..., None]
"""``listener(kind, **fields)`` takes the events of the journal."""

HOME = ("conformance.suites", "conformance.cases", "conformance.plugin", "conformance.virtual")
"""Modules that carry a case out."""
STAGE = (
    "conformance.sim",
    "conformance.tap",
    "conformance.gateway",
    "conformance.exchange",
    "conformance.contracts",
    "conformance.model",
)
"""Modules that a case works with: an exception there, called by a case, is not the adapter's."""
TRACE_FRAMES_MAX = 12
PARTS = ("capabilities", "start", "stop")
"""What every adapter has, whatever it offers."""
AFTERMATH_S = 0.25
"""How long the monitors go on watching when all adapters have stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What one run of one case amounts to."""

    key: str
    verdict: Verdict
    reason: str = ""
    """Why, in one line; empty for a pass."""
    claim: str = ""
    expected: str = ""
    observed: str = ""
    duration_ms: float = 0
    """Real time."""
    virtual_ms: float = 0
    """Time that passed for the adapter."""
    broken: tuple[str, ...] = ()
    """What stands against the adapter: the case's own id, and those of monitors."""


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """What is known while a case runs."""

    case: Case
    example: Example | None
    venue: Venue
    factory: AdapterFactory
    seed: int
    listener: Listener
    key: str
    redactor: Redactor = field(default_factory=Redactor)
    log: WireLog | None = None
    world: Ground | None = None
    environment: Environment = SIMULATED
    oracle_home: Path | None = None
    watch: Watch | None = None
    meetings: Meetings | None = None
    found: CaseResult | None = None
    breaches: list[Breach] = field(default_factory=list)
    made: list[Adapter] = field(default_factory=list)
    """Every adapter of this case; those that it killed or started itself too."""
    virtual_ms: float = 0

    def make(self, endpoints: Endpoints, credentials: Credentials) -> Adapter:
        """Make an adapter and remember it, to stop it at the end.

        Raises UsageError when what was made is none.
        """
        adapter = self.factory(endpoints, credentials)
        lacking = [part for part in PARTS if not hasattr(adapter, part)]
        if lacking:
            raise UsageError(
                f"what the adapter's factory makes, {type(adapter).__name__}, is no adapter: "
                f"it has no {', '.join(lacking)}",
                hint="see Adapter in conformance.contracts.adapter",
            )
        if self.watch is not None:
            adapter = self.watch.make(adapter)
        self.made.append(adapter)
        return adapter

    def hear(self, record: RoundTrip | Frame | Stream) -> None:
        """Write a record of the wire down and let the monitors see it."""
        assert self.log is not None
        self.log(record)
        if self.watch is not None:
            self.watch(record)
        if self.meetings is not None:
            self.meetings(record)


def case_key(venue: str, case: Case, example: Example | None) -> str:
    """Return the name under which a case with an example is known everywhere."""
    return f"{venue}/{case.id}[{example.label}]" if example else f"{venue}/{case.id}"


def run_case(
    case: Case,
    example: Example | None = None,
    *,
    venue: Venue,
    adapter_factory: AdapterFactory,
    seed: int = 0,
    listener: Listener = lambda _kind, **_fields: None,
    environment: Environment = SIMULATED,
    oracle_home: Path | None = None,
) -> CaseResult:
    """Carry a case out in its environment and judge it; nothing of it is left running.

    ``listener`` is told everything as events of the journal. ``oracle_home``: where the witnesses
    of signatures live; without one only those recorded are heard. Raises ConformanceError or
    InvariantBroken when the tool itself fails: that is no verdict about the adapter.
    """
    attempt = _Attempt(
        case=case,
        example=example,
        venue=venue,
        factory=adapter_factory,
        seed=seed,
        listener=listener,
        key=case_key(venue.name, case, example),
        environment=environment,
        oracle_home=oracle_home,
    )
    _announce(attempt)
    began = time.perf_counter()
    try:
        result = _judge(attempt)
    except (ConformanceError, InvariantBroken) as error:
        text, hint = str(error), getattr(error, "hint", "")
        attempt.listener("tool-error", case=attempt.key, text=text, hint=hint)
        raise
    return _close(attempt, result, (time.perf_counter() - began) * 1000)


def lacking(case: Case, offered: object) -> str:
    """Return which capabilities the case needs beyond those ``offered``, or nothing.

    An adapter class may state them as a plain class attribute; what cannot be read before an
    adapter is made (a property) counts as offering all.
    """
    if not isinstance(offered, Iterable):
        return ""
    return ", ".join(sorted(case.needs.difference(offered)))


def _announce(attempt: _Attempt) -> None:
    case = attempt.case
    attempt.listener(
        "case-started",
        case=attempt.key,
        id=case.id,
        venue=attempt.venue.name,
        example=attempt.example.label if attempt.example else "",
        area=case.area,
        area_title=area_title(case.area),
        level=case.level,
        title=case.title,
        claim=case.claim,
        source=case.source,
        needs=sorted(case.needs),
        seed=attempt.seed,
        started_ms=time.time_ns() // 1_000_000,
    )


def _judge(attempt: _Attempt) -> CaseResult:
    """Run the case to its end and turn what came of it into a verdict."""
    strange = attempt.case.ways.difference(attempt.venue.ways)
    if strange:
        what = ", ".join(sorted(strange))
        return _result(attempt, Verdict.NOT_APPLICABLE, f"the venue does not do {what}")
    lack = lacking(attempt.case, getattr(attempt.factory, "capabilities", None))
    if not lack:
        try:
            lack = attempt.environment.run(
                lambda: _live(attempt), seed=f"{attempt.seed} {attempt.key}"
            )
        except Beyond as error:
            return _result(attempt, Verdict.NOT_APPLICABLE, error.message)
        except OutOfTime as error:
            _found(attempt, error)
        except (ConformanceError, InvariantBroken):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the adapter raises is its finding
            _found(attempt, error)
    if lack:
        return _result(attempt, Verdict.NOT_APPLICABLE, f"the adapter does not offer {lack}")
    return _weighed(attempt, attempt.found or _delivered(attempt))


async def _live(attempt: _Attempt) -> str:
    """Live through the case; return the capabilities for whose lack it was not begun."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: _background(attempt, context))
    world = attempt.environment.world(
        attempt.venue, attempt.case, attempt.example, seed=attempt.seed
    )
    if attempt.case.oracle:
        tell = partial(attempt.listener, "oracle", case=attempt.key)
        world.oracle = hear(attempt.venue.name, attempt.oracle_home, tell)
    began = loop.time()
    try:
        async with world:
            attempt.world = world
            world.factory = attempt.factory
            attempt.redactor = Redactor(world.credentials, world.endpoints)
            attempt.log = WireLog(attempt.key, attempt.listener, attempt.redactor)
            _watch(attempt, world)
            world.wire.listener = attempt.hear
            world.factory = attempt.make
            with LogLines(attempt.key, attempt.listener, attempt.redactor, world.now):
                adapter = attempt.make(world.endpoints, world.credentials)
                lack = lacking(attempt.case, adapter.capabilities)
                if not lack:
                    await _play(attempt, adapter, world)
            if attempt.watch is not None:
                await asyncio.sleep(AFTERMATH_S)
                attempt.watch.finish()
            return lack
    finally:
        attempt.virtual_ms = (loop.time() - began) * 1000


def _watch(attempt: _Attempt, world: Ground) -> None:
    """Let the monitors watch, where the venue's wire can be read."""
    if attempt.venue.interpreter is None:
        return
    reader = attempt.venue.interpreter()
    watch = attempt.watch = Watch(
        world, attempt.venue, reader, all_monitors(), lambda breach: _broken(attempt, breach)
    )
    world.on_killed = watch.killed
    if isinstance(world, SimWorld):
        attempt.meetings = Meetings(world, watch)


async def _play(attempt: _Attempt, adapter: Adapter, world: Ground) -> None:
    """Run the case; what goes wrong is found before the adapter is stopped, not after."""
    try:
        if attempt.case.started:
            await adapter.start()
        await attempt.case.run(adapter, world, attempt.example)
    except (ConformanceError, InvariantBroken):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the adapter raises is its finding
        _found(attempt, _deviation(world) or error)
    finally:
        for each in reversed(attempt.made):
            await _stop(attempt, each)


def _deviation(world: Ground) -> Finding | None:
    """Return what the world itself holds against the adapter, which then explains the rest."""
    try:
        world.check()
    except Finding as finding:
        return finding
    return None


async def _stop(attempt: _Attempt, adapter: Adapter) -> None:
    """Stop an adapter; what goes wrong is its finding unless it was killed or had company."""
    try:
        await adapter.stop()
    except Exception as error:  # noqa: BLE001 - whatever the adapter raises is its finding
        if len(attempt.made) == 1:
            _found(attempt, error)
        else:
            _note(attempt, f"one of {len(attempt.made)} adapters did not stop: {_in_a_line(error)}")


def _found(attempt: _Attempt, error: Exception) -> None:
    """Turn the first error into the case's result and write it where it happened."""
    if attempt.found is not None:
        _note(attempt, f"afterwards: {_in_a_line(error)}")
        return
    detail = ""
    if isinstance(error, Finding):
        result = _failed(attempt, error.claim, error.expected, error.observed)
    elif isinstance(error, OutOfTime):
        claim = "the case comes to its end within its bounds"
        result = _failed(attempt, claim, "an end", str(error))
    else:
        detail = "".join(traceback.format_exception(error, limit=-TRACE_FRAMES_MAX))
        result = _raised(attempt, error)
    if attempt.log is not None:
        attempt.log.close()
    attempt.found = result
    attempt.listener(
        "finding",
        case=attempt.key,
        claim=result.claim,
        expected=result.expected,
        observed=result.observed,
        detail=attempt.redactor.text(detail),
    )


def _broken(attempt: _Attempt, breach: Breach) -> None:
    """Write a broken rule where it was broken."""
    assert attempt.log is not None
    attempt.log.close()
    text = attempt.redactor.text
    attempt.breaches.append(breach)
    attempt.listener(
        "finding",
        case=attempt.key,
        rule=breach.rule,
        claim=breach.title,
        expected=text(breach.expected),
        observed=text(breach.observed),
        detail="",
    )


def _weighed(attempt: _Attempt, result: CaseResult) -> CaseResult:
    """Let a broken rule stand against a case that has found nothing itself."""
    own = (attempt.case.id,) if result.verdict is Verdict.FAIL else ()
    broken = (*own, *sorted(breach.rule for breach in attempt.breaches))
    if own or not broken:
        return replace(result, broken=broken)
    first = attempt.breaches[0]
    failed = _failed(attempt, first.title, first.expected, first.observed)
    return replace(failed, reason=f"{first.rule}: {failed.claim}", broken=broken)


def _raised(attempt: _Attempt, error: Exception) -> CaseResult:
    """Blame an exception on the adapter, unless it arose between the case and its stage."""
    own = getattr(attempt.case.check, "__code__", None)
    beyond: list[str] = []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if frame.f_code is own or module.startswith(HOME):
            beyond = []
        elif not module.startswith("asyncio"):
            beyond.append(module)
    if isinstance(error, TimeoutError) or (beyond and not beyond[0].startswith(STAGE)):
        claim = "the adapter answers with an outcome, and raises nothing unforeseen"
        return _failed(attempt, claim, "an outcome", _in_a_line(error))
    claim = "the case can judge what it sees"
    result = _failed(attempt, claim, "something the case understands", _in_a_line(error))
    return replace(result, verdict=Verdict.UNCLEAR)


def _delivered(attempt: _Attempt) -> CaseResult:
    """Judge a case that found nothing by whether its stimulus really struck."""
    if not attempt.case.stimulus:
        return _result(attempt, Verdict.PASS)
    planned = attempt.world.faults.planned if attempt.world is not None else []
    if not planned:
        return _result(attempt, Verdict.UNREACHED, "the case armed no fault")
    missed = [fault.name for fault in planned if not fault.delivered and not fault.excused]
    if missed or not any(fault.delivered for fault in planned):
        which = ", ".join(missed) or "any of the faults"
        return _result(attempt, Verdict.UNREACHED, f"never delivered: {which}")
    return _result(attempt, Verdict.PASS)


def _planned(attempt: _Attempt) -> dict[str, int]:
    """Return how often each armed fault struck, by a name of its own."""
    if attempt.world is None:
        return {}
    return {
        f"{number} {fault.name}": fault.delivered
        for number, fault in enumerate(attempt.world.faults.planned, 1)
    }


def _close(attempt: _Attempt, result: CaseResult, duration_ms: float) -> CaseResult:
    """Write what is left to say about the case."""
    if attempt.log is not None:
        attempt.log.close()
    for what, times in _planned(attempt).items():
        attempt.listener("fault-armed", case=attempt.key, what=what)
        if times:
            attempt.listener("fault-delivered", case=attempt.key, what=what, times=times)
    if attempt.watch is not None:
        attempt.listener(
            "watched",
            case=attempt.key,
            tested=attempt.watch.tested,
            broken=attempt.watch.breaches,
        )
    if attempt.meetings is not None:
        attempt.listener("met", case=attempt.key, cells=attempt.meetings.cells)
    attempt.listener(
        "case-finished",
        case=attempt.key,
        verdict=result.verdict,
        reason=result.reason,
        duration_ms=round(duration_ms, 3),
        virtual_ms=round(attempt.virtual_ms),
    )
    return replace(result, duration_ms=duration_ms, virtual_ms=attempt.virtual_ms)


def _failed(attempt: _Attempt, claim: str, expected: str, observed: str) -> CaseResult:
    text = attempt.redactor.text
    return CaseResult(
        key=attempt.key,
        verdict=Verdict.FAIL,
        reason=text(claim),
        claim=text(claim),
        expected=text(expected),
        observed=text(observed),
    )


def _result(attempt: _Attempt, verdict: Verdict, reason: str = "") -> CaseResult:
    return CaseResult(key=attempt.key, verdict=verdict, reason=reason)


def _in_a_line(error: BaseException) -> str:
    """Return type and text of an error, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" (in {frames[-1].name}, {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{at}"


def _background(attempt: _Attempt, context: Mapping[str, Any]) -> None:
    """Take note of an error in a task or callback that nobody waited for."""
    error = context.get("exception")
    told = f": {_in_a_line(error)}" if isinstance(error, BaseException) else ""
    _note(attempt, f"in the background: {context.get('message', '')}{told}")


def _note(attempt: _Attempt, text: str) -> None:
    attempt.listener("note", case=attempt.key, text=attempt.redactor.text(text))
