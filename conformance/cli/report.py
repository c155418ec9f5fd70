"""``conformance report``: render reports again from a journal, verify what a run left behind."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.options import as_json

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), default=Path("reports/latest"))


class Rendering(click.Group):
    """Takes what is not the name of a subcommand for the folder to render."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``render`` before a folder, and before nothing at all."""
        named = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in named else ["render", *args])


@click.group("report", cls=Rendering)
def command() -> None:
    """Render every report again from a journal (`conformance report FOLDER`), or verify them."""


@command.command(short_help="Render every report again from a journal.")
@_FOLDER
@as_json
@click.option("--html/--no-html", "with_html", default=True, help="Make an HTML report too.")
def render(*, folder: Path, as_json: bool, with_html: bool) -> int:
    """Render every report again from the journal in FOLDER (default reports/latest).

    A journal may also be that of a killed run. The exit code is that of the run: 0 conforms,
    1 findings, 3 could not judge.
    """
    import orjson  # noqa: PLC0415 - what follows is slow to load
    from rich.console import Console  # noqa: PLC0415

    from conformance.cli.outcome import show, write_html  # noqa: PLC0415
    from conformance.evidence import machine, rendering  # noqa: PLC0415

    run = rendering.render(folder)
    console = None if as_json else Console()
    if console is None:
        click.echo(orjson.dumps(machine.document(run)))
    else:
        show(console, run, folder)
    if with_html:
        write_html(console, run, folder)
    return run.exit_code


@command.command(short_help="Hold every artefact against the manifest of its run.")
@_FOLDER
@as_json
def verify(*, folder: Path, as_json: bool) -> int:
    """Hold every artefact in FOLDER (default reports/latest) against the manifest of its run.

    Exit codes: 0 all are what the run has written, 1 some are not, 3 there is no manifest.
    """
    import orjson  # noqa: PLC0415 - slow to load

    from conformance.evidence import manifest  # noqa: PLC0415

    fates = manifest.verify(folder)
    wrong = {name: fate for name, fate in fates.items() if fate != manifest.SOUND}
    if as_json:
        click.echo(orjson.dumps(fates))
    else:
        for name, fate in wrong.items():
            click.echo(f"{fate:8} {name}")
        click.echo(f"{len(fates) - len(wrong)} of {len(fates)} artefacts are as the run wrote them")
    return 1 if wrong else 0
