"""Say how a run ended: the table of verdicts, the outcome, where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.cli.progress import coloured
from conformance.errors import EvidenceError
from conformance.evidence import html
from conformance.evidence.reading import CaseRun, Run
from conformance.evidence.verdicts import Verdict


def show(console: Console, run: Run, report: Path) -> None:
    """Print the verdicts by area, the outcome, and the folder with the evidence."""
    columns = [verdict for verdict in Verdict if run.counts.get(verdict)]
    table = Table("area", box=None, pad_edge=False, header_style="bold")
    for verdict in columns:
        table.add_column(coloured(verdict, verdict), justify="right")
    for area, cases in run.by_area().items():
        table.add_row(area, *_cells(cases, columns))
    if len(run.by_area()) > 1:
        table.add_row("[bold]all[/bold]", *_cells(run.cases, columns))
    console.print()
    console.print(table)
    console.print()
    for error in run.errors:
        console.print(f"[red]{escape(error['text'])}[/red]", highlight=False, soft_wrap=True)
    for oracle, told in zip(run.oracles, run.hearings, strict=True):
        if not oracle["heard"]:
            console.print(f"[yellow]{escape(told)}[/yellow]", highlight=False, soft_wrap=True)
            console.print(f"  {escape(oracle['hint'])}", highlight=False, soft_wrap=True)
    colour = "green" if run.exit_code == 0 else "red"
    console.print(f"[bold {colour}]{run.sentence}[/bold {colour}]", highlight=False)
    ran = {case.begun["id"] for case in run.cases}
    if unproven := ran.intersection(run.begun["unproven"]):
        told = f"Unproven: no mutant is aimed at {len(unproven)} of {len(ran)} cases"
        console.print(told, highlight=False)
    _print(console, f"Evidence: {report}/summary.md, and more beside it")


def write_html(console: Console | None, run: Run, report: Path) -> None:
    """Write the HTML report, or say why there is none."""
    try:
        told = f"HTML: {html.write(run, report)}"
    except EvidenceError as error:
        told = f"HTML was not written: {error.message} ({error.hint})"
    if console is not None:
        _print(console, told)


def _print(console: Console, text: str) -> None:
    """Print text that is no markup, whatever brackets are in it."""
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def _cells(cases: Sequence[CaseRun], columns: Sequence[Verdict]) -> list[str]:
    counts = Counter(case.verdict for case in cases)
    return [str(counts[verdict] or "") for verdict in columns]
