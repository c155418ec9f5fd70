"""``conformance report``: render reports again from a journal, also from that of a killed run."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.options import as_json


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports/latest"))
@as_json
@click.option("--html/--no-html", "with_html", default=True, help="Make an HTML report too.")
def command(*, folder: Path, as_json: bool, with_html: bool) -> int:
    """Render every report again from the journal in FOLDER (default reports/latest).

    The exit code is that of the run: 0 conforms, 1 findings, 3 could not judge.
    """
    import orjson  # noqa: PLC0415 - what follows is slow to load
    from rich.console import Console  # noqa: PLC0415

    from conformance.cli.outcome import show, write_html  # noqa: PLC0415
    from conformance.evidence import machine  # noqa: PLC0415
    from conformance.evidence.rendering import render  # noqa: PLC0415

    run = render(folder)
    console = None if as_json else Console()
    if console is None:
        click.echo(orjson.dumps(machine.document(run)))
    else:
        show(console, run, folder)
    if with_html:
        write_html(console, run, folder)
    return run.exit_code
