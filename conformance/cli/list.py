"""``conformance list``: cases, monitors, mutants or venues."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.options import as_json


@click.command("list")
@click.argument(
    "what", type=click.Choice(["cases", "monitors", "mutants", "venues"]), default="cases"
)
@click.option("--case", multiple=True, metavar="ID", help="Only this case or area.")
@click.option("--level", type=int, metavar="N", help="Only up to this level.")
@click.option("--folder", multiple=True, metavar="DIR", help="Folder with your own cases.")
@as_json
def command(*, what: str, as_json: bool, **asked: Any) -> int:  # noqa: ANN401 - options
    """Show the cases (default), monitors, mutants or venues there are."""
    import orjson  # noqa: PLC0415 - what follows is slow to load

    tables = {"cases": _cases, "monitors": _monitors, "mutants": _mutants, "venues": _venues}
    rows = tables[what](**asked)
    if as_json:
        click.echo(orjson.dumps(rows))
        return 0
    for row in rows:
        click.echo("  ".join(str(row[name]).ljust(WIDTHS.get(name, 0)) for name in row).rstrip())
    click.echo(f"{len(rows)} {what}", err=True)
    return 0


WIDTHS = {"case": 7, "monitor": 7, "level": 1, "examples": 3, "mutant": 40, "venue": 16}
EVERYTHING = 5


def _cases(*, level: int | None, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    from conformance.cli.options import settings_of  # noqa: PLC0415 - slow to load
    from conformance.plugin.discovery import all_cases  # noqa: PLC0415
    from conformance.plugin.selection import choose, examples, verify  # noqa: PLC0415

    settings = settings_of(level=level or EVERYTHING, **asked)
    cases = all_cases(settings.folder)
    verify(settings.case, cases)
    chosen = {case.id: case for case, _ in choose(cases, level=settings.level, names=settings.case)}
    return [
        {"case": c.id, "level": c.level, "examples": len(examples(c)), "title": c.title}
        for c in chosen.values()
    ]


def _monitors(**_asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    from conformance.plugin.discovery import all_monitors  # noqa: PLC0415 - slow to load

    return [{"monitor": monitor.id, "title": monitor.title} for monitor in all_monitors()]


def _mutants(**_asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    from conformance.plugin.discovery import all_mutants  # noqa: PLC0415 - slow to load

    return [
        {"mutant": mutant.name, "kills": " ".join(mutant.kills), "fault": mutant.fault}
        for mutant in all_mutants()
    ]


def _venues(**_asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    from conformance import venues  # noqa: PLC0415 - slow to load

    return [{"venue": name, "title": venues.load(name).title} for name in venues.names()]
