"""Keep one process's part of the journal, and make the report of all parts at the end."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable

import conformance
from conformance.cases import Case, Monitor, Mutant
from conformance.evidence import journal
from conformance.evidence.journal import Event, Journal
from conformance.evidence.reading import Run, load
from conformance.evidence.rendering import render
from conformance.plugin.discovery import all_monitors
from conformance.plugin.settings import Settings


def unproven(claims: Iterable[Case | Monitor], mutants: Iterable[Mutant]) -> list[str]:
    """Return the ids of the cases and monitors that no mutant is aimed at."""
    aimed = {each for mutant in mutants for each in mutant.kills}
    return sorted(claim.id for claim in claims if claim.id not in aimed)


class Recorder:
    """Writes the events of one process; ``writer`` names it among those of the run."""

    def __init__(self, settings: Settings, writer: str, unproven_ids: list[str]) -> None:
        self._journal: Journal = journal.part(settings.report, writer)
        self.begun: Event = {
            "kind": "run-started",
            "schema": journal.SCHEMA,
            "version": conformance.__version__,
            "adapter": settings.adapter,
            "seed": settings.seed,
            "level": settings.level,
            "venues": settings.venue,
            "folders": [str(folder) for folder in settings.folder],
            "python": platform.python_version(),
            "platform": platform.platform(),
            "unproven": unproven_ids,
            "monitors": {monitor.id: monitor.title for monitor in all_monitors()},
            "started_ms": now_ms(),
        }
        """The event that opened the part."""
        self._journal.write(**self.begun)

    def __call__(self, kind: str, **fields: object) -> None:
        """Write one event."""
        self._journal.write(kind, **fields)

    def close(self) -> None:
        """Close this process's part."""
        self._journal.close()


def finish(settings: Settings, started_ms: int, *, whole: bool) -> Run:
    """Merge the parts into one journal, and render everything that needs no Node.

    The journal of a run that was not carried out as a ``whole`` is left without its end.
    """
    journal.merge(settings.report)
    if whole:
        journal.end(
            settings.report,
            finished_ms=now_ms(),
            duration_ms=now_ms() - started_ms,
            exit_code=load(settings.report).judgement,
        )
    return render(settings.report)


def now_ms() -> int:
    """Return the time of this machine in epoch milliseconds."""
    return time.time_ns() // 1_000_000
