"""The run as Markdown: the table of verdicts, the findings, and what was not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.evidence import coverage, trace
from conformance.evidence.reading import CaseRun, Run
from conformance.evidence.telling import statement
from conformance.evidence.verdicts import Verdict

FILE = "summary.md"


def write(run: Run, folder: Path) -> Path:
    """Write the summary into ``folder``."""
    path = folder / FILE
    path.write_text("\n".join(_lines(run)) + "\n")
    return path


def _lines(run: Run) -> Iterator[str]:
    begun = run.begun
    yield "# Conformance report"
    yield ""
    yield f"**{run.sentence}.**"
    yield ""
    yield f"- adapter: `{begun['adapter']}`"
    yield f"- venues: {', '.join(begun['venues'])}"
    yield f"- seed {begun['seed']}, levels up to {begun['level']}, version {begun['version']}"
    if run.ended is None:
        yield "- the run did not come to its end: this is what it left behind"
    yield ""
    yield from _table(run)
    for error in run.errors:
        yield from ("", "## The tool failed", "", "```text", error["text"], "```")
    if run.findings:
        yield from ("", "## Findings")
    for case in run.findings:
        yield from _finding(run, case)
    yield from _oracles(run)
    yield from _rules(run)
    yield from coverage.lines(run)
    yield from _not_applicable(run)
    yield from _unproven(run)


def _table(run: Run) -> Iterator[str]:
    columns = [verdict for verdict in Verdict if run.counts.get(verdict)]
    yield f"| area | {' | '.join(columns)} |" if columns else "| area |"
    yield f"|---|{'---:|' * len(columns)}"
    for area, cases in run.by_area().items():
        counts = Counter(case.verdict for case in cases)
        yield _row(area, [counts[verdict] for verdict in columns])
    yield _row("**all**", [run.counts[verdict] for verdict in columns])


def _row(title: str, counts: list[int]) -> str:
    cells = [str(count) if count else "" for count in counts]
    return f"| {' | '.join([title, *cells])} |"


def _finding(run: Run, case: CaseRun) -> Iterator[str]:
    yield ""
    yield f"### {case.begun['venue']}/{case.name}: {case.begun['title']}"
    yield from ("", "```text", *statement(case), "", *trace.around(case), "```", "")
    yield f"Reproduce: `{run.reproduce(case)}`"


def _oracles(run: Run) -> Iterator[str]:
    if run.oracles:
        yield from ("", "## Oracles of signatures", "")
    for oracle, told in zip(run.oracles, run.hearings, strict=True):
        yield f"- {told}" if oracle["heard"] else f"- **{told}**: {oracle['hint']}"


def _rules(run: Run) -> Iterator[str]:
    if not run.rules:
        return
    yield from ("", "## Rules of every run", "")
    yield "| rule | | tested | broken in |"
    yield "|---|---|---:|---|"
    for row in run.rules:
        broken = ", ".join(case.name for case in row.broken)
        yield f"| {row.rule} | {row.title} | {row.tested or 'never'} | {broken} |"


def _not_applicable(run: Run) -> Iterator[str]:
    cases = [case for case in run.cases if not case.verdict.judged]
    if cases:
        yield from ("", "## Not applicable", "")
    for case in cases:
        yield f"- {case.begun['venue']}/{case.name} {case.begun['title']}: {case.reason}"


def _unproven(run: Run) -> Iterator[str]:
    ran = {case.begun["id"]: case.begun["title"] for case in run.cases}
    ran |= {row.rule: row.title for row in run.rules}
    ids = [case for case in run.begun["unproven"] if case in ran]
    if ids:
        yield from ("", "## Unproven", "")
        yield "No mutant is aimed at these: nothing shows that they can fail."
        yield ""
    for case in ids:
        yield f"- {case} {ran[case]}"
