"""``conformance run``: run cases against an adapter."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.options import as_json, choosing, running, settings_of, workers_for


@click.command("run")
@running
@choosing
@as_json
@click.option("--html/--no-html", "with_html", default=False, help="Make an HTML report too.")
def command(*, workers: int | None, as_json: bool, with_html: bool, **asked: Any) -> int:  # noqa: ANN401
    """Run cases against an adapter and write the evidence.

    What is not given comes from [tool.conformance] in pyproject.toml. Exit codes: 0 conforms,
    1 findings, 2 usage, 3 could not judge.
    """
    return carry_out(workers=workers, as_json=as_json, with_html=with_html, **asked)


def carry_out(*, workers: int | None, as_json: bool, with_html: bool, **asked: Any) -> int:  # noqa: ANN401
    """Run what is asked, show it, return the exit code."""
    import orjson  # noqa: PLC0415 - what follows is slow to load
    from rich.console import Console  # noqa: PLC0415

    from conformance.cli.driving import drive  # noqa: PLC0415
    from conformance.cli.outcome import show, write_html  # noqa: PLC0415
    from conformance.cli.progress import Progress  # noqa: PLC0415
    from conformance.evidence import machine  # noqa: PLC0415

    settings = settings_of(**asked)
    console = None if as_json else Console()
    run, code = drive(settings, workers_for(settings, workers), Progress(console))
    if console is None:
        click.echo(orjson.dumps(machine.document(run)))
    else:
        show(console, run, settings.report)
    if with_html:
        write_html(console, run, settings.report)
    return code
