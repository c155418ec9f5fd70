"""Everything that is made of the journal without a foreign tool."""

from __future__ import annotations

from pathlib import Path

from conformance.evidence import allure, ctrf, junit, machine, markdown
from conformance.evidence.reading import Run, load

RENDERERS = (machine.write, junit.write, ctrf.write, markdown.write, allure.write)


def render(folder: Path) -> Run:
    """Write all reports that the journal in ``folder`` allows; return what it tells."""
    run = load(folder)
    for write in RENDERERS:
        write(run, folder)
    return run
