"""What a stress run proves, claim by claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from conformance.evidence.trend import CONFIDENCE, Growth, Trend, trend
from conformance.evidence.verdicts import Verdict
from conformance.load.histogram import Summary
from conformance.load.record import ADAPTER, Record

LAG_US_MAX = 50_000
"""A generator that wakes up later than this in one of a hundred cases measures itself."""
KEPT_MIN = 0.98
"""Part of the planned messages that must have been sent for the run to be what was planned."""
TOLERATED: Mapping[str, float] = {
    "sockets": 0.01,
    "fds": 0.01,
    "threads": 0.01,
    "tasks": 0.01,
    "futures": 0.01,
    "rss_kib": 0.5,
}
"""How much of a resource one message may cost for good; memory in KiB."""
ALLOCATOR_KIB = 8192
"""What the allocator of a process may take for itself in a run, beyond what messages cost."""
KNEE_P99 = 5.0
"""Beyond the knee the corrected p99 is so many times that of the first step."""
KNEE_KEPT = 0.95
"""Beyond the knee less than this part of what was offered comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a run must keep to."""

    errors_max: float = 0.001
    """Part of the messages that may be refused or remain unanswered."""
    p99_ms_max: float = 0.0
    """The corrected 99th percentile; 0: any."""
    lifted: bool = False
    """True when the published limits were not in force."""


class Claim(NamedTuple):
    """One claim about the run."""

    name: str
    verdict: Verdict
    told: str

    @property
    def broken(self) -> bool:
        """True when it stands against whoever was tested."""
        return self.verdict is Verdict.FAIL


class Step(NamedTuple):
    """One step of a ramp."""

    offered: float
    """Messages a second, all bots together."""
    answered: float
    corrected: Summary


def claims(record: Record, bounds: Bounds) -> list[Claim]:
    """Judge a run."""
    return [
        *_whole(record),
        *_limits(record, bounds),
        *_ledger(record),
        *_errors(record, bounds),
        *_generator(record),
        *_slo(record, bounds),
        *_storm(record),
        *_leaks(record),
    ]


def outcome(found: list[Claim]) -> int:
    """Return the exit code: 0 conforms, 1 findings, 3 could not judge."""
    if any(claim.broken for claim in found):
        return 1
    return 3 if any(not claim.verdict.conforms for claim in found) else 0


def growths(record: Record) -> dict[str, dict[str, Trend]]:
    """Fit the resources of every process with adapters; by process, then by resource."""
    share = record.messages / max(1, len(record.samples)) / record.plan.duration_s
    allocator = ALLOCATOR_KIB / record.plan.duration_s
    return {
        process: {
            name: trend(
                [(s["at_s"], s[name]) for s in samples if name in s],
                tolerated=each * share + (allocator if name == "rss_kib" else 0.0),
            )
            for name, each in TOLERATED.items()
        }
        for process, samples in record.samples.items()
    }


def steps(record: Record) -> list[Step]:
    """Return the steps of a ramp in order; one for a run without."""
    plan = record.plan
    length = plan.duration_s / plan.steps
    found = []
    for number in range(plan.steps):
        part = Record(plan, record.drive)
        part.seconds = {
            at: second
            for at, second in record.seconds.items()
            if number * length <= at < (number + 1) * length
        }
        span = max(1, len(part.seconds))
        offered = plan.rate * plan.bots * plan.factor(number)
        found.append(Step(offered, part.messages / span, part.latencies("corrected").summary()))
    return found


def knee(ramp: list[Step]) -> Step | None:
    """Return the last step before latency or throughput gives way; None when the first does."""
    last = None
    for step in ramp:
        late = step.corrected.p99 > KNEE_P99 * max(1, ramp[0].corrected.p99)
        if late or step.answered < KNEE_KEPT * step.offered:
            return last
        last = step
    return last


def _whole(record: Record) -> Iterator[Claim]:
    name = "every bot comes to the end of its plan"
    if record.complete:
        yield Claim(name, Verdict.PASS, f"{record.plan.bots} bots")
    else:
        told = "; ".join(record.troubles) or "the run was ended before its time"
        yield Claim(name, Verdict.UNCLEAR, told)


def _limits(record: Record, bounds: Bounds) -> Iterator[Claim]:
    name = "no published limit is exceeded"
    if bounds.lifted:
        yield Claim(name, Verdict.NOT_APPLICABLE, "the limits were lifted")
    elif record.audit is None:
        yield Claim(name, Verdict.UNCLEAR, "the venue could not be asked")
    elif record.violations:
        yield Claim(name, Verdict.FAIL, f"{record.violations} refusals because of a limit")
    else:
        yield Claim(name, Verdict.PASS, "no refusal because of a limit")


def _ledger(record: Record) -> Iterator[Claim]:
    name = "every order is accounted for"
    audit = record.audit
    if audit is None:
        yield Claim(name, Verdict.UNCLEAR, "the venue could not be asked")
    elif audit.sound:
        unknown = f", {audit.unknown} of unknown outcome" if audit.unknown else ""
        told = f"{audit.acknowledged} acknowledged, {audit.held} at the venue{unknown}"
        yield Claim(name, Verdict.PASS, told)
    else:
        yield Claim(name, Verdict.FAIL, "; ".join(audit.problems))


def _errors(record: Record, bounds: Bounds) -> Iterator[Claim]:
    kinds = record.counts("kinds")
    messages = max(1, record.messages)
    failed = messages - kinds["accepted"] if record.messages else 0
    told = f"{failed} of {record.messages} ({failed / messages:.3%})"
    name = f"at most {bounds.errors_max:.2%} of the messages fail"
    if record.storm is not None:
        yield Claim(name, Verdict.NOT_APPLICABLE, f"{told}, in a storm")
    elif not record.messages:
        yield Claim(name, Verdict.UNREACHED, "nothing was sent")
    elif record.troubles:
        yield Claim(name, Verdict.UNCLEAR, f"{told}, with a part of the run missing")
    else:
        held = failed <= bounds.errors_max * messages
        yield Claim(name, Verdict.PASS if held else Verdict.FAIL, told)


def _generator(record: Record) -> Iterator[Claim]:
    """Say whether the generator kept to its plan: else the figures are its own."""
    lag = record.latencies("lag").summary()
    planned = sum(1 for bot in range(record.plan.bots) for _ in record.plan.arrivals(bot))
    kept = (record.messages + record.withheld) / max(1, planned)
    told = f"p99 of its lag {lag.p99 / 1000:.1f} ms, {kept:.1%} of {planned} messages sent"
    late = lag.p99 > LAG_US_MAX
    short = kept < KEPT_MIN and record.storm is None and record.drive != ADAPTER
    saturated = late or (short and not record.cut)
    name = "the generator is not saturated"
    yield Claim(name, Verdict.UNCLEAR if saturated else Verdict.PASS, told)


def _slo(record: Record, bounds: Bounds) -> Iterator[Claim]:
    if bounds.p99_ms_max:
        p99_ms = record.latencies("corrected").summary().p99 / 1000
        verdict = Verdict.PASS if p99_ms <= bounds.p99_ms_max else Verdict.FAIL
        name = f"the corrected p99 is at most {bounds.p99_ms_max:g} ms"
        yield Claim(name, verdict, f"{p99_ms:.1f} ms")


def _storm(record: Record) -> Iterator[Claim]:
    if record.storm is None:
        return
    name = "whoever is asked for silence is silent"
    if not record.told_silence:
        yield Claim(name, Verdict.UNREACHED, "the storm met nobody")
    elif record.noise:
        yield Claim(name, Verdict.FAIL, f"{record.noise} requests during the silence asked for")
    else:
        told = f"{record.told_silence} bots were asked, none sent anything"
        yield Claim(name, Verdict.PASS, told)


def _leaks(record: Record) -> Iterator[Claim]:
    found = growths(record)
    for name in TOLERATED:
        trends = {process: each[name] for process, each in found.items()}
        if not trends:
            continue
        verdicts = {each.growth for each in trends.values()}
        worst = max(trends.values(), key=lambda each: each.low)
        growth = next(g for g in (Growth.LEAK, Growth.OPEN, Growth.NONE) if g in verdicts)
        told = (
            f"{growth}: {worst.slope:+.3f} a second, {CONFIDENCE:.0%} between {worst.low:+.3f} "
            f"and {worst.high:+.3f}, tolerated {worst.tolerated:.3f}"
        )
        verdict = {Growth.LEAK: Verdict.FAIL, Growth.OPEN: Verdict.LAX, Growth.NONE: Verdict.PASS}
        yield Claim(f"{name} do not grow", verdict[growth], told)
