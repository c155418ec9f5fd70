"""What is wrong with a scenario, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from conformance.errors import ConfigError

TOLD_MAX = 20
"""Flaws that an error quotes; ``lint`` shows all."""


class Flaw(NamedTuple):
    """One thing that is wrong with one line of a file."""

    file: Path
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.mend}"


class Flawed(ConfigError):
    """A scenario cannot be played: every flaw by file and line. Nothing of it was applied."""

    def __init__(self, file: Path, flaws: Sequence[Flaw]) -> None:
        told = "\n".join(map(str, flaws[:TOLD_MAX]))
        count = f"{len(flaws)} flaws" if len(flaws) > 1 else "a flaw"
        super().__init__(
            f"the scenario {file.name} has {count}:\n{told}",
            hint="mend the lines named; `conformance scenario lint` checks again",
        )
        self.flaws = tuple(flaws)


class Wrong(ValueError):
    """A value is not what it should be: ``what`` is wrong, ``mend`` says what would be right.

    ``index``: the position in a list, where the value is one of it.
    """

    def __init__(self, what: str, mend: str, *, index: int | None = None) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend
        self.index = index


def nearest(word: str, known: Sequence[str]) -> str:
    """Name the nearest of the known words, or all of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
