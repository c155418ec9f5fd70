"""Proves our signer and verifier against every vector, and the vectors against the SDKs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.oracles import homes, judge, plan, vectors
from conformance.oracles.plan import Plan
from conformance.oracles.record import Drift, drift, record
from conformance.oracles.vectors import VectorFile
from conformance.oracles.witnesses import NotRun


@dataclass(slots=True)
class Report:
    """What a check of one venue found."""

    venue: str
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Vectors that hold, by source and kind of key."""
    expected: Counter[str] = field(default_factory=Counter)
    """Disagreements that are known, by finding."""
    broken: list[str] = field(default_factory=list)
    """What our signer or verifier gets wrong: the faults that count against us."""
    drifted: list[Drift] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    """Witnesses that were asked again."""
    not_run: list[NotRun] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Say whether nothing is broken and nothing drifted."""
        return not self.broken and not self.drifted

    def lines(self) -> Iterator[str]:
        """Say the report, a line each."""
        kinds: Counter[str] = Counter()
        for (_, kind), count in self.held.items():
            kinds[kind] += count
        each = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        yield f"{self.venue}: {self.held.total()} vectors hold ({each})"
        for name, count in sorted(self.expected.items()):
            yield f"expected disagreement: {name} ({count} vectors)"
        for name in self.heard:
            yield f"asked again: {name}"
        yield from (reason.message for reason in self.not_run)
        yield from (f"BROKEN {trouble}" for trouble in self.broken)
        for change in self.drifted:
            yield f"DRIFT {change.id}\n  stored {change.stored}\n  now    {change.now}"


def stored(venue: Plan, files: Sequence[VectorFile]) -> Report:
    """Check every stored vector against our signer and verifier."""
    report = Report(venue.venue)
    for file in files:
        for vector in file.vectors:
            name = f"{file.source.name} {vector.id}"
            troubles = judge.troubles(venue, file, vector)
            report.broken += (f"{name}: {trouble}" for trouble in troubles)
            if not troubles:
                report.held[file.source.name, file.keys[vector.key].kind] += 1
            if vector.verdict != "agree":
                report.expected[vector.finding or vector.verdict] += 1
    return report


def live(venue: Plan, files: Sequence[VectorFile], home: Path, report: Report) -> None:
    """Ask every witness again and add what drifted, and who could not be heard."""
    known = {file.source.name: file for file in files}
    for witness in venue.witnesses:
        try:
            homes.build(witness, home)
            fresh = record(venue, witness, home).file
        except NotRun as reason:
            report.not_run.append(reason)
            continue
        report.heard.append(f"{witness.title} {witness.sdk} {witness.version}")
        then = known.get(witness.name)
        absent = [Drift(witness.name, "absent", f"{len(fresh.vectors)} vectors")]
        report.drifted += drift(then, fresh) if then else absent


def check(venue: str, *, home: Path | None) -> Report:
    """Check one venue's vectors; with a ``home``, ask the witnesses again too."""
    chosen = plan.load(venue)
    files = vectors.load_all(venue)
    report = stored(chosen, files)
    if home is not None:
        live(chosen, files, home, report)
    return report
