"""``conformance explain``: what a case claims, and why it is believed."""

from __future__ import annotations

import shlex

import click

from conformance.cli.options import as_json


@click.command("explain")
@click.argument("case_id", metavar="CASE")
@click.option("--folder", multiple=True, metavar="DIR", help="Folder with your own cases.")
@as_json
def command(*, case_id: str, folder: tuple[str, ...], as_json: bool) -> int:
    """Say what CASE claims, where it comes from, what it needs, and what proves it."""
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance.cases.areas import area_title  # noqa: PLC0415
    from conformance.cli.options import settings_of  # noqa: PLC0415
    from conformance.plugin.discovery import all_cases, all_mutants  # noqa: PLC0415

    settings = settings_of(folder=folder)
    case = all_cases(settings.folder).get(case_id.upper())
    command_line = ["conformance", "run", "--venue", settings.venue[0], "--case", case.id]
    command_line += ["--adapter", settings.adapter]
    told = {
        "case": case.id,
        "title": case.title,
        "claim": case.claim,
        "area": area_title(case.area),
        "level": case.level,
        "source": case.source,
        "needs": sorted(case.needs),
        "examples": [example.label for example in case.examples],
        "mutants": {m.name: m.fault for m in all_mutants() if case.id in m.kills},
        "reproduce": shlex.join(command_line),
    }
    if as_json:
        click.echo(orjson.dumps(told))
        return 0
    for line in _lines(told):
        click.echo(line)
    return 0


def _lines(told: dict[str, object]) -> list[str]:
    needs, examples, mutants = told["needs"], told["examples"], told["mutants"]
    assert isinstance(needs, list)
    assert isinstance(examples, list)
    assert isinstance(mutants, dict)
    lines = [f"{told['case']}  {told['title']}", "", str(told["claim"]), ""]
    lines += [f"area        {told['area']}", f"level       {told['level']}"]
    lines += [f"source      {told['source']}", f"needs       {', '.join(needs)}"]
    lines += [f"examples    {', '.join(examples) or 'none'}"]
    lines += ["mutants     " + ("none: nothing shows that it can fail" if not mutants else "")]
    lines += [f"            {name}: {fault}" for name, fault in mutants.items()]
    return [*(line.rstrip() for line in lines), f"reproduce   {told['reproduce']}"]
