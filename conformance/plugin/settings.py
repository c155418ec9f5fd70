"""What a run is asked to do: command line over ``[tool.conformance]`` over defaults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from conformance import venues
from conformance.errors import ConfigError, UsageError

FILE = "pyproject.toml"
TABLE = "tool.conformance"
ADAPTER = "conformance.client:ReferenceClient"
REPORT = "reports/latest"
LEVEL = 4
LEVELS = range(1, 6)
ENVIRONMENTS = ("sim", "replay", "testnet")
"""Where the venue may live: embedded, on tape, or behind the tap."""
MARK = b"[tool.conformance"
"""What a file must contain to be worth parsing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run's questions, checked. Field names are the keys of ``[tool.conformance]``."""

    venue: tuple[str, ...]
    """Names of dialects; all that can be found when none is named."""
    adapter: str = ADAPTER
    """``module:factory`` of the code under test."""
    level: int = LEVEL
    """The highest level of cases to run."""
    seed: int = 0
    report: Path = Path(REPORT)
    """The folder that evidence goes into."""
    case: tuple[str, ...] = ()
    """Ids, ids with an example, or areas; empty: all."""
    folder: tuple[Path, ...] = ()
    """Folders with cases of the user's own."""
    env: str = ENVIRONMENTS[0]
    cassettes: Path | None = None
    """The folder with tapes; None: those that are shipped."""


def resolve(asked: Mapping[str, Any], root: Path) -> Settings:
    """Return the settings for what was ``asked`` (None: not asked) in the folder ``root``.

    Paths in the file are relative to it. Raises UsageError or ConfigError naming the nearest
    choice.
    """
    values = table(root / FILE)
    for key in ("report", "folder", "cassettes"):
        if key in values:
            values[key] = _rooted(values[key], root)
    values |= {key: value for key, value in asked.items() if value not in (None, (), [])}
    if "venue" not in values:
        values["venue"] = venues.names()
    shaped: dict[str, Any] = {key: _shaped(key, value) for key, value in values.items()}
    settings = Settings(**shaped)
    _check(settings)
    return settings


def table(path: Path) -> dict[str, Any]:
    """Return the checked table ``[tool.conformance]`` of a file; empty when it has none."""
    if not path.is_file() or MARK not in (raw := path.read_bytes()):
        return {}
    try:
        found = tomllib.loads(raw.decode()).get("tool", {}).get("conformance", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        number = line[1] if line else len(raw.splitlines())
        raise ConfigError(f"{path}:{number}: {error}", hint="it is not valid TOML") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: {TABLE} is no table", hint=f"write it once, as [{TABLE}]")
    for key, value in found.items():
        if key not in KEYS:
            raise ConfigError(
                f"{path}: [{TABLE}] has no key {key!r}", hint=nearest(key, tuple(KEYS))
            )
        if not KEYS[key](value):
            raise ConfigError(
                f"{path}: [{TABLE}] {key} = {value!r} is of the wrong type",
                hint=f"{key} is {_TYPES[key]}",
            )
    return dict(found)


def nearest(word: str, choices: Sequence[str]) -> str:
    """Return a hint that names the nearest choice, and all when they are few."""
    near = get_close_matches(word, choices, n=1, cutoff=0.4)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}possible are {', '.join(choices)}" if len(choices) <= 20 else meant.strip()


def _check(settings: Settings) -> None:
    for name in settings.venue:
        if name not in venues.names():
            venues.load(name)
    if settings.level not in LEVELS:
        raise UsageError(f"level {settings.level} does not exist", hint="levels are 1 to 5")
    if settings.env not in ENVIRONMENTS:
        raise UsageError(
            f"there is no environment {settings.env!r}", hint=nearest(settings.env, ENVIRONMENTS)
        )
    for folder in settings.folder:
        if not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder", hint="name a folder that holds files with cases"
            )


def _shaped(key: str, value: object) -> object:
    """Bring a value from file or command line into the shape of its field."""
    if key in _LISTS:
        several = (value,) if isinstance(value, str | Path) else tuple(value)  # type: ignore[arg-type]
        return tuple(map(Path, several)) if key == "folder" else several
    return Path(str(value)) if key in ("report", "cassettes") else value


def _rooted(value: str | Sequence[str], root: Path) -> str | list[str]:
    return str(root / value) if isinstance(value, str) else [str(root / one) for one in value]


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return _text(value) or (isinstance(value, list) and all(map(_text, value)))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_LISTS = frozenset({"venue", "case", "folder"})
_WHOLES = frozenset({"level", "seed"})
_TYPES = {
    field.name: "a text or a list of texts"
    if field.name in _LISTS
    else "a whole number"
    if field.name in _WHOLES
    else "a text"
    for field in fields(Settings)
}
KEYS: Mapping[str, Callable[[object], bool]] = {
    field.name: _texts if field.name in _LISTS else _whole if field.name in _WHOLES else _text
    for field in fields(Settings)
}
"""Every key of the table with the test its value must pass."""
