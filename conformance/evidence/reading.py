"""What a journal tells, as values for those who render it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from conformance.evidence.journal import Event, read
from conformance.evidence.verdicts import CONFORMS, COULD_NOT_JUDGE, Verdict, exit_code

CUT_SHORT = "the run ended before the case did"


class Meeting(NamedTuple):
    """How often an event met an order in a state, and which fault struck it."""

    state: str
    event: str
    fault: str
    """Empty when none did."""
    times: int


@dataclass(slots=True, kw_only=True)
class CaseRun:
    """One case with one example, as it went."""

    key: str
    begun: Event
    verdict: Verdict = Verdict.UNCLEAR
    reason: str = CUT_SHORT
    finding: Event | None = None
    """What was found first; what the case itself has found before what monitors have."""
    found_at: int = 0
    """How many records of the wire had been made when the finding was."""
    breaches: list[Event] = field(default_factory=list)
    """The rules of every run that were broken."""
    met: Sequence[Meeting] = ()
    """What met orders in which state."""
    notes: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    """How often each armed fault struck."""
    tested: Mapping[str, int] = field(default_factory=dict)
    """How often each monitor, by its id, put its rule to the test."""
    wire: list[Event] = field(default_factory=list)
    """What went over the wire, and what was logged meanwhile."""
    events: list[Event] = field(default_factory=list)
    duration_ms: float = 0
    virtual_ms: float = 0

    @property
    def name(self) -> str:
        """Id and example, such as ``ORD-01[side=buy]``."""
        example = self.begun["example"]
        return f"{self.begun['id']}[{example}]" if example else str(self.begun["id"])

    @property
    def area(self) -> str:
        """The area as ``ORD Order entry``."""
        code, title = self.begun["area"], self.begun["area_title"]
        return code if code == title else f"{code} {title}"

    @property
    def troubles(self) -> Sequence[str]:
        """What was armed and how often it struck, faults of one kind together."""
        armed: Counter[str] = Counter()
        struck: Counter[str] = Counter()
        for what, times in self.faults.items():
            kind = what.lstrip("0123456789 ")
            armed[kind] += 1
            struck[kind] += times
        return [
            f"{kind} armed {_times(armed[kind])}, {f'struck {_times(n)}' if n else 'never struck'}"
            for kind, n in struck.items()
        ]

    @property
    def others(self) -> Sequence[Event]:
        """The broken rules beside the finding."""
        return [breach for breach in self.breaches if breach is not self.finding]

    @property
    def started_ms(self) -> int:
        """When it began (epoch milliseconds of this machine)."""
        return int(self.begun["started_ms"])


class Watched(NamedTuple):
    """One rule of every run."""

    rule: str
    title: str
    tested: int
    """How often it was put to the test."""
    broken: Sequence[CaseRun]
    """The cases in whose runs it was broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run, complete or not."""

    begun: Event
    ended: Event | None
    cases: Sequence[CaseRun]
    errors: Sequence[Event]
    """Where the tool itself failed."""
    oracles: Sequence[Event] = ()
    """The witnesses of signatures that were called, each once."""

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many cases got each verdict."""
        return Counter(case.verdict for case in self.cases)

    @property
    def findings(self) -> Sequence[CaseRun]:
        """The cases that stand in the way of conformance."""
        return [case for case in self.cases if not case.verdict.conforms]

    @property
    def unheard(self) -> Sequence[Event]:
        """The witnesses that should have been heard, as on a build machine, and were not."""
        return [oracle for oracle in self.oracles if oracle["required"] and not oracle["heard"]]

    @property
    def hearings(self) -> Sequence[str]:
        """A line for each witness: heard, or why not."""
        return [_hearing(oracle) for oracle in self.oracles]

    @property
    def judgement(self) -> int:
        """What follows from the cases that were run: 0 conforms, 1 findings, 3 could not judge."""
        if self.errors or self.unheard:
            return COULD_NOT_JUDGE
        return exit_code(case.verdict for case in self.cases)

    @property
    def exit_code(self) -> int:
        """The judgement; a run that broke off may have findings, but it never conforms."""
        if self.ended is None and self.judgement == CONFORMS:
            return COULD_NOT_JUDGE
        return self.judgement

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        if self.errors:
            return "The tool could not judge: it failed itself"
        if self.unheard:
            return "The tool could not judge: not every oracle was heard"
        judged = sum(case.verdict.judged for case in self.cases)
        if not judged:
            return "Nothing was judged"
        if self.findings:
            return f"Does not conform: {len(self.findings)} of {judged} judged stand against it"
        if self.ended is None:
            return f"The run broke off: {judged} judged until then, none against it"
        return f"Conforms: {judged} judged, none against it"

    def by_area(self) -> Mapping[str, Sequence[CaseRun]]:
        """Return the cases under the titles of their areas, in the order of the cases."""
        areas: dict[str, list[CaseRun]] = {}
        for case in self.cases:
            areas.setdefault(case.area, []).append(case)
        return areas

    @property
    def rules(self) -> Sequence[Watched]:
        """What became of each rule of every run."""
        tested: Counter[str] = Counter()
        broken: dict[str, list[CaseRun]] = {}
        for case in self.cases:
            tested.update(case.tested)
            for breach in case.breaches:
                broken.setdefault(breach["rule"], []).append(case)
        return [
            Watched(rule, title, tested[rule], tuple(broken.get(rule, ())))
            for rule, title in sorted(self.begun.get("monitors", {}).items())
        ]

    def reproduce(self, case: CaseRun) -> str:
        """Return the command that runs this case again in the same way."""
        words = ["conformance", "run", "--venue", case.begun["venue"], "--case", case.name]
        words += ["--seed", str(case.begun["seed"]), "--adapter", self.begun["adapter"]]
        for folder in self.begun["folders"]:
            words += ["--folder", folder]
        return shlex.join(words)


_UNKNOWN_RUN: Mapping[str, Any] = {
    "version": "",
    "adapter": "",
    "seed": 0,
    "level": 0,
    "venues": [],
    "folders": [],
    "started_ms": 0,
    "unproven": [],
}
"""What stands for a beginning that was never written."""


def load(folder: Path) -> Run:
    """Read the journal in ``folder``; raise EvidenceError when there is none."""
    return gather(read(folder))


def gather(events: Iterable[Event]) -> Run:
    """Make a run of the events of a journal."""
    begun: Event = _UNKNOWN_RUN
    ended: Event | None = None
    cases: dict[str, CaseRun] = {}
    errors: list[Event] = []
    oracles: dict[tuple[str, str], Event] = {}
    for event in events:
        kind = event["kind"]
        if kind == "run-started":
            begun = event
        elif kind == "run-finished":
            ended = event
        elif kind == "oracle":
            oracles[event["venue"], event["name"]] = event
        elif kind == "tool-error":
            errors.append(event)
            if event.get("case") in cases:
                cases[event["case"]].reason = f"the tool failed: {event['text']}"
        elif kind == "case-started":
            cases[event["case"]] = CaseRun(key=event["case"], begun=event, events=[event])
        else:
            _enter(cases[event["case"]], event)
    return Run(
        begun=begun,
        ended=ended,
        cases=tuple(cases.values()),
        errors=tuple(errors),
        oracles=tuple(oracles.values()),
    )


def _hearing(oracle: Event) -> str:
    if oracle["heard"]:
        return f"heard: {oracle['title']} {oracle['sdk']} {oracle['version']}"
    return f"not run: {oracle['title']} ({oracle['reason']})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _enter(case: CaseRun, event: Event) -> None:
    case.events.append(event)
    match event["kind"]:
        case "finding":
            _find(case, event)
        case "watched":
            case.tested = event["tested"]
        case "met":
            case.met = [Meeting(*cell) for cell in event["cells"]]
        case "note":
            case.notes.append(event["text"])
        case "fault-armed":
            case.faults.setdefault(event["what"], 0)
        case "fault-delivered":
            case.faults[event["what"]] = event["times"]
        case "case-finished":
            case.verdict = Verdict(event["verdict"])
            case.reason = event["reason"]
            case.duration_ms = event["duration_ms"]
            case.virtual_ms = event["virtual_ms"]
        case _:
            case.wire.append(event)


def _find(case: CaseRun, event: Event) -> None:
    """Enter a finding; the case's own goes before those of monitors."""
    if "rule" in event:
        case.breaches.append(event)
    if case.finding is None or "rule" not in event:
        case.finding, case.found_at = event, len(case.wire)
