"""Everything that is made of the journal without a foreign tool."""

from __future__ import annotations

from pathlib import Path

from conformance.evidence import allure, ctrf, journal, junit, machine, manifest, markdown
from conformance.evidence.reading import Run, load

RENDERERS = (machine.write, junit.write, ctrf.write, markdown.write, allure.write)


def render(folder: Path) -> Run:
    """Write all reports that the journal in ``folder`` allows, and the manifest of all.

    Returns what the journal tells.
    """
    run = load(folder)
    artefacts = [write(run, folder) for write in RENDERERS]
    told = [folder / name for name in (journal.FILE, journal.TIMES, journal.PARTS)]
    manifest.seal(folder, [*told, *artefacts])
    return run
