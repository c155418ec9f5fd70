"""Put cases on tape, and keep only tapes that play back to the same verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.cases import Case, Example
from conformance.contracts.adapter import AdapterFactory
from conformance.contracts.dialect import Venue
from conformance.evidence.verdicts import Verdict
from conformance.plugin.environments import Environment, Recording, Replaying, tape_name
from conformance.plugin.running import CaseResult, case_key, run_case

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


def tape_case(
    case: Case,
    example: Example | None,
    *,
    venue: Venue,
    adapter_factory: AdapterFactory,
    environment: Environment,
    folder: Path,
    seed: int = 0,
    with_cassette: bool = False,
) -> Taping:
    """Run a case, put it on tape, and play the tape; what cannot be played is deleted."""
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

    recorded = run(Recording(environment, folder, with_cassette=with_cassette))
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
