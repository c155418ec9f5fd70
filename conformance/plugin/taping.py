"""Put cases on tape, and keep only tapes that play back to the same verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.cases import Case, Example, Registry
from conformance.contracts.adapter import AdapterFactory
from conformance.contracts.dialect import Venue
from conformance.evidence.verdicts import Verdict
from conformance.plugin.environments import Environment, Recording, Replaying, shelf, tape_name
from conformance.plugin.running import CaseResult, case_key, run_case
from conformance.plugin.selection import choose
from conformance.plugin.settings import LEVELS, Settings

TAPE_BYTES_MAX = 400_000
"""A longer tape is not kept: what is shipped is to be read and compared."""
CASSETTE = ".yaml"


@dataclass(frozen=True, slots=True)
class Taping:
    """What came of one case."""

    key: str
    verdict: Verdict
    kept: Path | None
    why: str = ""
    """Why nothing was kept."""


@dataclass(frozen=True, slots=True)
class Task:
    """One case to be put on tape with one adapter."""

    case: Case
    example: Example | None
    adapter: str
    vcr: bool = False
    """Leave a cassette of vcrpy beside the tape."""


def chosen(settings: Settings, cases: Registry[Case], *, vcr: bool) -> Iterator[Task]:
    """Yield the cases that the settings choose, with their adapter."""
    for case, example in choose(cases, level=settings.level, names=settings.case):
        yield Task(case, example, settings.adapter, vcr)


def shelved(settings: Settings, cases: Registry[Case]) -> Iterator[Task]:
    """Yield everything of the venue that is on tape already, whatever the adapter."""
    everything = list(choose(cases, level=LEVELS[-1], names=()))
    for folder in sorted(shelf(settings.cassettes, settings.venue[0], "").iterdir()):
        for case, example in everything:
            path = folder / tape_name(case, example)
            if path.is_file():
                module, _, name = folder.name.rpartition(".")
                yield Task(case, example, f"{module}:{name}", path.with_suffix(CASSETTE).is_file())


def tape_case(
    task: Task,
    *,
    venue: Venue,
    adapter_factory: AdapterFactory,
    environment: Environment,
    folder: Path,
    seed: int = 0,
) -> Taping:
    """Run a case, put it on tape, and play the tape; what cannot be played is deleted."""
    case, example = task.case, task.example
    path = folder / tape_name(case, example)
    key = case_key(venue.name, case, example)

    def run(where: Environment) -> CaseResult:
        return run_case(
            case,
            example,
            venue=venue,
            adapter_factory=adapter_factory,
            seed=seed,
            environment=where,
        )

    recorded = run(Recording(environment, folder, with_cassette=task.vcr))
    if recorded.verdict is Verdict.NOT_APPLICABLE:
        why = recorded.reason
    elif path.stat().st_size > TAPE_BYTES_MAX:
        why = f"the tape has {path.stat().st_size} bytes, at most {TAPE_BYTES_MAX} are kept"
    else:
        played = run(Replaying(folder))
        if _story(played) == _story(recorded):
            return Taping(key, recorded.verdict, path)
        why = f"played back it is {played.verdict}: {played.reason} {played.observed}"
    for left in (path, path.with_suffix(CASSETTE)):
        left.unlink(missing_ok=True)
    return Taping(key, recorded.verdict, None, " ".join(why.split()))


def _story(result: CaseResult) -> tuple[str, ...]:
    return (result.verdict, result.reason, result.expected, result.observed)
