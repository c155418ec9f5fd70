"""``conformance scenario``: market stories to be listed, checked, drawn and played."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.options import as_json

if TYPE_CHECKING:
    from conformance.sim.rehearsal import Rehearsal

_VENUE = click.option("--venue", metavar="NAME", help="Dialect (default: the first one).")
_SYMBOL = click.option("--symbol", default="", metavar="NAME", help="Where to play it.")
_SEED = click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of its actors."
)


@click.group("scenario")
def command() -> None:
    """List, check, draw and play market stories."""


@command.command("list")
@as_json
def list_(*, as_json: bool) -> int:
    """Show the stories that come with the package."""
    import orjson  # noqa: PLC0415 - slow to load

    from conformance import scenarios  # noqa: PLC0415
    from conformance.scenarios.axes import span_text  # noqa: PLC0415

    stories = [scenarios.load(name) for name in scenarios.names()]
    rows = [
        {"scenario": s.name, "lasts": span_text(s.head.lasts), "title": s.head.title}
        for s in stories
    ]
    if as_json:
        click.echo(orjson.dumps(rows))
        return 0
    for row in rows:
        click.echo(f"{row['scenario']:22}{row['lasts']:>7}  {row['title']}")
    click.echo(f"{len(rows)} scenarios", err=True)
    return 0


@command.command(short_help="Tell what a story is about, and draw it.")
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), help="The picture (default NAME.svg).")
@_VENUE
@_SYMBOL
@_SEED
def show(*, name: str, to: Path | None, venue: str | None, symbol: str, seed: int) -> int:
    """Tell what a story is about, and draw its prices, events and liquidity as an SVG picture."""
    from conformance.scenarios.picture import draw  # noqa: PLC0415 - slow to load

    rehearsal = _played(name, venue, symbol, seed)
    story = rehearsal.story
    path = to or Path(f"{story.name}.svg")
    path.write_text(draw(rehearsal.score()), encoding="utf-8")
    click.echo(f"{story.head.title}\n{story.head.about}\n\n{path}")
    return 0


@command.command(short_help="Check scenario files: every flaw, with the mend.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def lint(*, files: Sequence[Path]) -> int:
    """Check scenario files: every flaw by file and line, with the mend. Ends with 1 if any."""
    from conformance import scenarios  # noqa: PLC0415 - slow to load

    flaws = [flaw for file in files for flaw in scenarios.lint(file)]
    for flaw in flaws:
        click.echo(str(flaw))
    if flaws:
        raise SystemExit(1)
    click.echo(f"{len(files)} sound", err=True)
    return 0


@command.command(short_help="Play a story to itself, without sockets.")
@click.argument("name")
@click.option("--journal", type=click.Path(path_type=Path), help="Write what happens, as JSONL.")
@_VENUE
@_SYMBOL
@_SEED
def play(*, name: str, journal: Path | None, venue: str | None, symbol: str, seed: int) -> int:
    """Play a story to itself, without sockets; the same seed gives the same journal."""
    rehearsal = _played(name, venue, symbol, seed)
    text = "".join(f"{line}\n" for line in rehearsal.journal())
    if journal is not None:
        journal.write_text(text, encoding="utf-8")
    for moment in rehearsal.score().moments:
        click.echo(f"{moment.at / 1000:>12.3f} s  {moment.label}")
    for refused in rehearsal.refused:
        click.echo(f"{'refused':>14}  {refused}")
    digest = hashlib.sha256(text.encode()).hexdigest()
    click.echo(f"{text.count(chr(10))} events, sha256 {digest}")
    return 0


def _played(name: str, venue: str | None, symbol: str, seed: int) -> Rehearsal:
    from conformance import scenarios, venues  # noqa: PLC0415 - slow to load
    from conformance.sim.rehearsal import Rehearsal  # noqa: PLC0415

    chosen = venues.load(venue or venues.names()[0])
    rehearsal = Rehearsal(scenarios.load(name), chosen, seed=seed, symbol=symbol)
    rehearsal.run()
    return rehearsal
