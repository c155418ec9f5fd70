"""Prove the cases and monitors: run each mutant in the cases in which it must be caught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import NamedTuple

from conformance import venues
from conformance.cases import CASES, MONITORS, MUTANTS, Mutant
from conformance.contracts.adapter import AdapterFactory
from conformance.errors import ConformanceError, InvariantBroken
from conformance.evidence.verdicts import Verdict
from conformance.plugin.discovery import all_cases, all_monitors, all_mutants, load_adapter
from conformance.plugin.running import CaseResult, run_case
from conformance.plugin.selection import examples
from conformance.plugin.settings import ADAPTER


class Task(NamedTuple):
    """One adapter against one case; the reference client where ``mutant`` is empty."""

    mutant: str
    case: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a task, up to the first example that breaks the case's own claim."""

    mutant: str
    case: str
    killed: bool
    verdict: str
    """The last verdict, or ``error`` when the tool itself failed."""
    told: str = ""
    broken: tuple[str, ...] = ()
    """Ids of what was broken: those of monitors too."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What all trials together show."""

    mutants: Sequence[Mutant]
    trials: Sequence[Trial]

    def catchers(self, mutant: Mutant) -> list[str]:
        """Return the ids of all that caught a mutant and does not object to its original."""
        sound = {t.case for t in self.trials if not t.mutant and t.verdict == Verdict.PASS}
        trials = [t for t in self.trials if t.mutant == mutant.name and t.case in sound]
        caught = {t.case for t in trials if t.killed}
        return sorted(caught.union(*(_rules(t) for t in trials)))

    def inapplicable(self, mutant: Mutant) -> str:
        """Return why the fault makes no sense at this venue, or nothing."""
        told = {
            t.told if t.verdict == Verdict.NOT_APPLICABLE and not t.broken else ""
            for t in self.trials
            if t.mutant == mutant.name
        }
        return "; ".join(sorted(told)) if told and "" not in told else ""

    def missed(self, mutant: Mutant) -> list[str]:
        """Return the ids of the named cases and monitors that did not catch it.

        A case that makes no sense at this venue misses nothing.
        """
        if self.inapplicable(mutant):
            return []
        trials = [t for t in self.trials if t.mutant == mutant.name and not t.broken]
        excused = {t.case for t in trials if t.verdict == Verdict.NOT_APPLICABLE}
        return sorted(set(mutant.kills) - set(self.catchers(mutant)) - excused)

    @property
    def survivors(self) -> list[str]:
        """Names of the mutants that nothing they name has caught."""
        return [
            m.name
            for m in self.mutants
            if not set(m.kills) & set(self.catchers(m)) and not self.inapplicable(m)
        ]

    @property
    def unproven(self) -> list[str]:
        """Ids of the cases and monitors that caught no mutant, and that no untried one names."""
        tried = {mutant.name for mutant in self.mutants}
        spared = {case for mutant in self.mutants for case in self.catchers(mutant)}
        spared.update(case for m in MUTANTS if m.name not in tried for case in m.kills)
        ids = [*(case.id for case in CASES), *(monitor.id for monitor in MONITORS)]
        return [each for each in ids if each not in spared]

    @property
    def unsound(self) -> list[Trial]:
        """Cases that object to the reference client itself: what they catch proves nothing."""
        fine = (Verdict.PASS, Verdict.NOT_APPLICABLE)
        return [t for t in self.trials if not t.mutant and t.verdict not in fine]

    @property
    def errors(self) -> list[Trial]:
        """Trials in which the tool itself failed."""
        return [t for t in self.trials if t.verdict == ERROR]

    @property
    def proven(self) -> bool:
        """True when every mutant that makes sense here was caught by something it names."""
        return not self.survivors


ERROR = "error"


def plan(mutants: Iterable[Mutant], also: Iterable[str] = ()) -> list[Task]:
    """Return the trials: each mutant against the cases it names and those ``also`` asked for.

    Every case is tried on the reference client as well. Raises UsageError for an unknown case.
    """
    tasks = []
    for mutant in mutants:
        cases = [name for name in mutant.kills if name not in MONITORS]
        named = [CASES.get(case).id for case in (*cases, *mutant.during)]
        tasks += [Task(mutant.name, case) for case in sorted({*named, *also})]
    return [*(Task("", case) for case in sorted({task.case for task in tasks})), *tasks]


def trials(tasks: Sequence[Task], *, venue: str, seed: int, workers: int) -> Iterator[Trial]:
    """Carry the tasks out, in their order; with ``workers`` in processes of their own."""
    work = partial(attempt, venue=venue, seed=seed)
    if not workers:
        yield from map(work, tasks)
        return
    # A fresh interpreter each: a forked one would inherit sockets and a half-used pytest.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_load)
    with pool:
        yield from pool.map(work, tasks)


def attempt(task: Task, *, venue: str, seed: int) -> Trial:
    """Run one task: each example of the case, until its claim and the named rules are broken."""
    case = CASES.get(task.case)
    wanted = {case.id}
    factory: AdapterFactory = load_adapter(ADAPTER)
    if task.mutant:
        mutant = MUTANTS.get(task.mutant)
        factory = mutant.factory
        if strange := mutant.ways.difference(venues.load(venue).ways):
            told = f"the venue does not do {', '.join(sorted(strange))}"
            verdict = Verdict.NOT_APPLICABLE
            return Trial(task.mutant, task.case, killed=False, verdict=verdict, told=told)
        wanted.update(name for name in mutant.kills if name in MONITORS)
    results: list[CaseResult] = []
    broken = set[str]()
    for example in examples(case):
        try:
            result = run_case(
                case, example, venue=venues.load(venue), adapter_factory=factory, seed=seed
            )
        except (ConformanceError, InvariantBroken) as error:
            text = f"{type(error).__name__}: {error}"
            return Trial(task.mutant, task.case, killed=False, verdict=ERROR, told=text)
        broken.update(result.broken)
        results.append(result)
        if wanted <= broken:
            break
    worst = max(results, key=_weight)
    return Trial(
        task.mutant,
        task.case,
        killed=case.id in broken,
        verdict=worst.verdict,
        told=worst.reason,
        broken=tuple(sorted(broken)),
    )


def _weight(result: CaseResult) -> int:
    """Rank a verdict: a failure says most, an example that does not apply says least."""
    if result.verdict is Verdict.FAIL:
        return 3
    if result.verdict is Verdict.PASS:
        return 1
    return 2 if result.verdict.judged else 0


def _rules(trial: Trial) -> set[str]:
    return {each for each in trial.broken if each != trial.case}


def _load() -> None:
    all_cases()
    all_mutants()
    all_monitors()
