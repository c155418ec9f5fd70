"""``conformance certify``: run every case and write every report."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.options import as_json, running
from conformance.cli.run import carry_out

EVERYTHING = 5
"""The highest level there is."""


@click.command("certify")
@running
@as_json
@click.option("--html/--no-html", "with_html", default=True, help="Make an HTML report too.")
def command(*, workers: int | None, as_json: bool, with_html: bool, **asked: Any) -> int:  # noqa: ANN401
    """Run every case of every level and write every report.

    The reports name the cases that no mutant is aimed at: those are not proven to be able to
    fail. `conformance mutants` shows that the others are. Exit codes: 0 conforms, 1 findings,
    2 usage, 3 could not judge.
    """
    return carry_out(
        workers=workers, as_json=as_json, with_html=with_html, level=EVERYTHING, **asked
    )
