"""One table of a scenario read into a frozen value; every flaw is noted with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_type_hints

from conformance.scenarios.flaws import Flaw, Wrong, nearest
from conformance.scenarios.lines import Lines
from conformance.scenarios.lines import Path as Place

T = TypeVar("T")
WORDS = ("kind", "command")
"""Keys that say which form a table has."""
Reader: TypeAlias = Callable[[object], Any]
"""Reads one raw value; raises Wrong."""


class Notes:
    """The flaws of one file, gathered so that one reading names them all."""

    def __init__(self, file: Path, lines: Lines) -> None:
        self.file = file
        self.lines = lines
        self.flaws: list[Flaw] = []

    def add(self, place: Place, what: str, mend: str) -> None:
        """Note a flaw at a place."""
        self.flaws.append(Flaw(self.file, self.lines.of(place), what, mend))


def table(form: type[T], raw: Mapping[str, Any], place: Place, notes: Notes) -> T | None:
    """Read a table into ``form``, whose annotations say how; return None when it is flawed."""
    readers = _readers(form)
    before = len(notes.flaws)
    for key in raw:
        if key not in readers and key not in WORDS:
            notes.add((*place, key), f"unknown key {key!r}", nearest(key, list(readers)))
    values: dict[str, Any] = {}
    for name, read in readers.items():
        if name not in raw:
            if not hasattr(form, name):
                notes.add(place, f"{name!r} is missing", f"give it: {name} = ...")
            continue
        try:
            values[name] = read(raw[name])
        except Wrong as wrong:
            index = () if wrong.index is None else (wrong.index,)
            notes.add((*place, name, *index), f"{name}: {wrong.what}", wrong.mend)
    return form(**values) if len(notes.flaws) == before else None


def chosen(
    forms: Mapping[str, type[T]], key: str, raw: Mapping[str, Any], place: Place, notes: Notes
) -> T | None:
    """Read a table whose form its ``key`` names."""
    word = raw.get(key)
    if word is None:
        notes.add(place, f"{key!r} is missing", f"give one of {', '.join(forms)}")
        return None
    if not isinstance(word, str) or word not in forms:
        notes.add((*place, key), f"unknown {key} {word!r}", nearest(str(word), list(forms)))
        return None
    return table(forms[word], raw, place, notes)


def _readers(form: type) -> Mapping[str, Reader]:
    """Return the readers of a form: the first thing with which a field's type is annotated."""
    hints = get_type_hints(form, include_extras=True)
    return {n: hint.__metadata__[0] for n, hint in hints.items() if hasattr(hint, "__metadata__")}
