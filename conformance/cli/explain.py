"""``conformance explain``: what a case or a monitor claims, and why it is believed."""

from __future__ import annotations

import shlex

import click

from conformance.cli.options import as_json


@click.command("explain")
@click.argument("case_id", metavar="CASE")
@click.option("--folder", multiple=True, metavar="DIR", help="Folder with your own cases.")
@as_json
def command(*, case_id: str, folder: tuple[str, ...], as_json: bool) -> int:
    """Say what CASE (or a monitor) claims, where it comes from, what it needs, what proves it."""
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance.plugin.discovery import all_monitors  # noqa: PLC0415

    name = case_id.upper()
    told = _monitor(name) if name in all_monitors() else _case(name, folder)
    if as_json:
        click.echo(orjson.dumps(told))
        return 0
    for line in _lines(told):
        click.echo(line)
    return 0


def _monitor(name: str) -> dict[str, object]:
    from conformance.cases import MONITORS  # noqa: PLC0415
    from conformance.cases.sources import cited  # noqa: PLC0415
    from conformance.plugin.discovery import all_mutants  # noqa: PLC0415

    monitor = MONITORS.get(name)
    return {
        "monitor": monitor.id,
        "title": monitor.title,
        "claim": monitor.claim,
        "source": monitor.source,
        "cited": cited(monitor.source),
        "mutants": {m.name: m.fault for m in all_mutants() if monitor.id in m.kills},
    }


def _case(name: str, folder: tuple[str, ...]) -> dict[str, object]:
    from conformance.cases.areas import area_title  # noqa: PLC0415
    from conformance.cases.sources import cited  # noqa: PLC0415
    from conformance.cli.options import settings_of  # noqa: PLC0415
    from conformance.plugin.discovery import all_cases, all_mutants  # noqa: PLC0415

    settings = settings_of(folder=folder)
    case = all_cases(settings.folder).get(name)
    command_line = ["conformance", "run", "--venue", settings.venue[0], "--case", case.id]
    command_line += ["--adapter", settings.adapter]
    return {
        "case": case.id,
        "title": case.title,
        "claim": case.claim,
        "area": area_title(case.area),
        "level": case.level,
        "source": case.source,
        "cited": cited(case.source),
        "needs": sorted(case.needs),
        "examples": [example.label for example in case.examples],
        "mutants": {m.name: m.fault for m in all_mutants() if case.id in m.kills},
        "reproduce": shlex.join(command_line),
    }


def _lines(told: dict[str, object]) -> list[str]:
    mutants = told["mutants"]
    assert isinstance(mutants, dict)
    if "monitor" in told:
        head = [f"{told['monitor']}  {told['title']}", "", str(told["claim"]), ""]
        middle = ["watched     on the wire of every run", *_source(told)]
        return [*head, *middle, *_proof(mutants)]
    needs, examples = told["needs"], told["examples"]
    assert isinstance(needs, list)
    assert isinstance(examples, list)
    lines = [f"{told['case']}  {told['title']}", "", str(told["claim"]), ""]
    lines += [f"area        {told['area']}", f"level       {told['level']}"]
    lines += [*_source(told), f"needs       {', '.join(needs)}"]
    lines += [f"examples    {', '.join(examples) or 'none'}"]
    lines += _proof(mutants)
    return [*(line.rstrip() for line in lines), f"reproduce   {told['reproduce']}"]


def _source(told: dict[str, object]) -> list[str]:
    """Say where a claim comes from, and what the short names in that stand for."""
    cited = told["cited"]
    assert isinstance(cited, dict)
    meanings = [f"            {part}: {meaning}" for part, meaning in cited.items() if meaning]
    return [f"source      {told['source']}", *meanings]


def _proof(mutants: dict[str, str]) -> list[str]:
    head = "mutants" if mutants else "mutants     none: nothing shows that it can fail"
    return [head, *(f"            {name}: {fault}" for name, fault in mutants.items())]
