"""``conformance mutants``: faulty adapters must be caught by the cases and rules they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import as_json

if TYPE_CHECKING:
    from conformance.plugin.mutation import Survey, Trial


@click.command("mutants")
@click.option("--mutant", "names", multiple=True, metavar="NAME", help="Only this one.")
@click.option("--all-cases", is_flag=True, help="Try every case, not only those named.")
@click.option("--venue", metavar="NAME", help="Dialect (default: the first one).")
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of every world."
)
@click.option(
    "--workers", type=click.IntRange(min=0), metavar="N", help="Processes to share the work."
)
@as_json
def command(
    *,
    names: tuple[str, ...],
    all_cases: bool,
    venue: str | None,
    seed: int,
    workers: int | None,
    as_json: bool,
) -> int:
    """Run every mutant against the cases and rules that must catch it.

    Prints who was caught by what, who missed a mutant that names it, the survivors, and what caught
    none. Exit codes: 0 every mutant that makes sense at the venue was caught by something that it
    names, 1 not so, 2 usage, 3 could not judge.
    """
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance import venues  # noqa: PLC0415
    from conformance.cli.options import settings_of, workers_for  # noqa: PLC0415
    from conformance.plugin import discovery, mutation  # noqa: PLC0415

    settings = settings_of(venue=(venue,) if venue else (venues.names()[0],))
    cases, register = discovery.all_cases(), discovery.all_mutants()
    discovery.all_monitors()
    chosen = [register.get(name) for name in names] or list(register)
    every = [case.id for case in cases if case.level <= settings.level] if all_cases else []
    tasks = mutation.plan(chosen, every)
    processes = workers_for(settings, workers) if len(tasks) > 1 else 0
    trials = mutation.trials(tasks, venue=settings.venue[0], seed=seed, workers=processes)
    carried_out: list[mutation.Trial] = []
    for name, group in groupby(trials, key=attrgetter("mutant")):
        row = list(group)
        carried_out += row
        if not as_json:
            click.echo(_row(name, row))
    survey = mutation.Survey(chosen, carried_out)
    if as_json:
        click.echo(orjson.dumps(_document(survey)))
    else:
        for line in _lines(survey):
            click.echo(line)
    return 3 if survey.errors else 0 if survey.proven else 1


def _row(name: str, trials: Sequence[Trial]) -> str:
    """Return one line of the kill matrix: a mutant, who caught it and who did not."""
    if not name:
        count = Counter(trial.verdict for trial in trials)
        silent = count["not-applicable"]
        besides = f", {silent} not applicable" if silent else ""
        return f"the reference client passes {count['pass']} of the {len(trials)} cases{besides}\n"
    caught = sorted({each for trial in trials for each in trial.broken})
    told = {trial.told for trial in trials if trial.verdict == "not-applicable"}
    if told and not caught and all(trial.verdict == "not-applicable" for trial in trials):
        return f"{'n/a':<7} {name:<44} {'; '.join(sorted(told))}"
    missed = [f"not by {trial.case} ({trial.verdict})" for trial in trials if not trial.broken]
    return f"{'caught' if caught else 'FREE':<7} {name:<44} {' '.join(caught + missed)}"


def _document(survey: Survey) -> dict[str, Any]:
    return {
        "mutants": [
            {
                "name": mutant.name,
                "fault": mutant.fault,
                "bug": mutant.bug,
                "kills": list(mutant.kills),
                "caught_by": survey.catchers(mutant),
                "missed_by": survey.missed(mutant),
                "not_applicable": survey.inapplicable(mutant),
            }
            for mutant in survey.mutants
        ],
        "survivors": survey.survivors,
        "unproven": survey.unproven,
        "unsound": [{"case": t.case, "verdict": t.verdict, "told": t.told} for t in survey.unsound],
        "errors": [{"mutant": t.mutant, "case": t.case, "told": t.told} for t in survey.errors],
    }


def _lines(survey: Survey) -> Iterator[str]:
    total = len(survey.mutants)
    yield ""
    for mutant in survey.mutants:
        missed = survey.missed(mutant)
        if missed and mutant.name not in survey.survivors:
            yield f"missed by {', '.join(missed)}: {mutant.name} ({mutant.fault})"
    for mutant in survey.mutants:
        if mutant.name in survey.survivors:
            yield f"SURVIVED {mutant.name}: {mutant.fault} (names {', '.join(mutant.kills)})"
    for trial in survey.unsound:
        yield f"{trial.case} objects to the reference client ({trial.verdict}): {trial.told}"
    for trial in survey.errors:
        yield f"the tool failed on {trial.mutant or 'the reference client'}, {trial.case}"
    if survey.unproven:
        yield f"unproven, as they caught no mutant: {' '.join(survey.unproven)}"
    elsewhere = [mutant for mutant in survey.mutants if survey.inapplicable(mutant)]
    for mutant in elsewhere:
        yield f"not applicable: {mutant.name} ({survey.inapplicable(mutant)})"
    total -= len(elsewhere)
    yield f"{total - len(survey.survivors)} of {total} mutants caught by what they name"
