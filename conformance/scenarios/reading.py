"""A scenario file read and checked as a whole: either a story comes of it, or a list of flaws."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from conformance.scenarios.actors import ACTORS, TESTEE, Actor, Busy, Holder
from conformance.scenarios.commands import COMMANDS, Command, Personal
from conformance.scenarios.flaws import Flaw, Flawed, nearest
from conformance.scenarios.lines import Lines, parse, syntax_line
from conformance.scenarios.lines import Path as Place
from conformance.scenarios.paths import PATHS, Along, Recorded
from conformance.scenarios.paths import Path as Moves
from conformance.scenarios.series import read_series
from conformance.scenarios.story import Head, Story
from conformance.scenarios.tables import Notes, chosen, table

BEATS_MAX = 500_000
"""Things that may happen in one story."""
TABLES: Mapping[str, tuple[str, Mapping[str, type]]] = {
    "path": ("kind", PATHS),
    "actor": ("kind", ACTORS),
    "do": ("command", COMMANDS),
}
T = TypeVar("T")


def read(file: Path) -> Story:
    """Return the story of a file; raise Flawed with every flaw when there is one."""
    story, flaws = _read(file)
    if story is None or flaws:
        raise Flawed(file, flaws)
    return story


def lint(file: Path) -> tuple[Flaw, ...]:
    """Return everything that is wrong with a file, by line."""
    return tuple(_read(file)[1])


def _read(file: Path) -> tuple[Story | None, list[Flaw]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return None, [Flaw(file, 1, f"cannot be read: {error}", "give a TOML file")]
    try:
        raw = parse(text)
    except tomllib.TOMLDecodeError as error:
        line, complaint = syntax_line(error, text)
        return None, [Flaw(file, line, f"no TOML: {complaint}", "see https://toml.io")]
    notes = Notes(file, Lines(text))
    story = _story(raw, notes)
    notes.flaws.sort(key=lambda flaw: (str(flaw.file) != str(file), flaw.line))
    return story, notes.flaws


def _story(raw: Mapping[str, Any], notes: Notes) -> Story | None:
    head = table(Head, {k: v for k, v in raw.items() if k not in TABLES}, (), notes)
    actors = dict(_rows(ACTORS, "actor", raw, notes))
    paths = dict(_rows(PATHS, "path", raw, notes))
    commands = dict(_rows(COMMANDS, "do", raw, notes))
    _people(actors, commands, notes)
    paths = {place: _filled(path, place, notes) for place, path in paths.items()}
    _in_order(paths, notes)
    _commands_in_order(commands, notes)
    if head is None:
        return None
    _in_time(head, actors, paths, commands, notes)
    if not notes.flaws and not (actors or paths or commands):
        notes.add((), "nothing happens", "add a [[path]], an [[actor]] or a [[do]]")
    return Story(
        name=notes.file.stem,
        head=head,
        actors=tuple(actors.values()),
        paths=tuple(sorted(paths.values(), key=lambda path: path.since)),
        commands=tuple(commands.values()),
    )


def _rows(
    forms: Mapping[str, type[T]], name: str, raw: Mapping[str, Any], notes: Notes
) -> Iterator[tuple[Place, T]]:
    rows = raw.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        notes.add((name,), f"{name!r} is no list of tables", f"write [[{name}]]")
        return
    for index, row in enumerate(rows):
        place = (name, index)
        found = chosen(forms, TABLES[name][0], row, place, notes)
        if found is not None:
            yield place, found


def _people(actors: Mapping[Place, Actor], commands: Mapping[Place, Command], notes: Notes) -> None:
    """Names are unique, and whoever is named exists."""
    names: list[str] = [TESTEE]
    for place, actor in actors.items():
        if actor.name in names:
            notes.add((*place, "name"), f"the name {actor.name!r} is taken", "choose another")
        names.append(actor.name)
    for place, command in commands.items():
        if isinstance(command, Personal) and command.of not in names:
            notes.add((*place, "of"), f"no actor {command.of!r}", nearest(command.of, names))


def _filled(path: Moves, place: Place, notes: Notes) -> Moves:
    """Complete a path by what its file or its points say."""
    if isinstance(path, Recorded):
        rows, flaws = read_series(notes.file.parent / path.file, path.layout, path.column)
        notes.flaws += flaws
        if flaws:
            notes.add((*place, "file"), f"{path.file} has {len(flaws)} flaws", "mend that file")
        span = rows[-1][0] - rows[0][0] if rows else 0
        return replace(path, rows=rows, until=path.until or path.since + span)
    if isinstance(path, Along):
        if path.to[0][0] < path.since:
            notes.add((*place, "to", 0), "the first point lies before the path begins", "move it")
        if path.until and path.until < path.to[-1][0]:
            notes.add((*place, "until"), "the last point lies after the path ends", "move it")
        return replace(path, until=path.to[-1][0])
    return path


def _in_order(paths: Mapping[Place, Moves], notes: Notes) -> None:
    """Paths go forward, and no price follows two of them at once."""
    for place, path in paths.items():
        if path.until < path.since:
            notes.add((*place, "until"), "the path ends before it begins", "put until after since")
    ordered = sorted(paths.items(), key=lambda item: item[1].since)
    for (_, one), (place, other) in pairwise(ordered):
        both = [gauge.value for gauge in one.of if gauge in other.of]
        if both and other.since < one.until:
            what = f"{' and '.join(both)} already follow the path that began at {one.since} ms"
            notes.add((*place, "since"), what, "begin where that one ends")


def _commands_in_order(commands: Mapping[Place, Command], notes: Notes) -> None:
    for (_, one), (place, other) in pairwise(commands.items()):
        if other.at < one.at:
            what = "unordered: the command lies before the one above it"
            notes.add((*place, "at"), what, "sort the [[do]] tables by time")


def _in_time(
    head: Head,
    actors: Mapping[Place, Actor],
    paths: Mapping[Place, Moves],
    commands: Mapping[Place, Command],
    notes: Notes,
) -> None:
    """Nothing happens after the end, and not too much before it."""
    late = "lies after the end of the story"
    for place, path in paths.items():
        if path.until > head.lasts:
            notes.add((*place, "until"), f"the end of the path {late}", "let the story last longer")
    for place, command in commands.items():
        if command.at > head.lasts:
            notes.add((*place, "at"), f"the command {late}", "let the story last longer")
    for place, actor in actors.items():
        if isinstance(actor, Holder) and actor.at > head.lasts:
            notes.add((*place, "at"), f"the entry {late}", "let the story last longer")
        if isinstance(actor, Busy) and max(actor.since, actor.until) > head.lasts:
            key = "until" if actor.until > head.lasts else "since"
            notes.add((*place, key), f"what the actor does {late}", "let the story last longer")
    beats = _beats(head, list(actors.values()), list(paths.values()))
    if beats > BEATS_MAX:
        what = f"{beats} things would happen"
        notes.add(("lasts",), what, f"at most {BEATS_MAX}: choose longer periods")


def _beats(head: Head, actors: Sequence[Actor], paths: Sequence[Moves]) -> int:
    moves = sum((path.until - path.since) // path.every + 1 for path in paths)
    acts = sum(head.lasts // actor.every + 1 for actor in actors if isinstance(actor, Busy))
    return moves + acts
