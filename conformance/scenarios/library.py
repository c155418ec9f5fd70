"""The stories that come with the package, and those of files."""

from __future__ import annotations

from pathlib import Path

from conformance.errors import UsageError
from conformance.resources import data
from conformance.scenarios.flaws import nearest
from conformance.scenarios.reading import read
from conformance.scenarios.story import Story

SUFFIX = ".toml"


def names() -> tuple[str, ...]:
    """Return the names of all stories that come with the package."""
    return tuple(sorted(path.stem for path in data("fixtures", "scenarios").glob(f"*{SUFFIX}")))


def load(name: str) -> Story:
    """Return a story by name, or by the path of a file of one's own.

    Raises UsageError naming the nearest story, or Flawed.
    """
    if name.endswith(SUFFIX):
        return read(Path(name))
    if name not in names():
        raise UsageError(
            f"there is no scenario {name!r}",
            hint=f"{nearest(name, names())}; a file of your own ends in {SUFFIX}",
        )
    return read(data("fixtures", "scenarios", name + SUFFIX))
