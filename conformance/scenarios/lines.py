"""Where in a TOML text each key stands: the standard library's reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions on the way to a value: ``("actor", 1, "size")``."""

_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")
_INERT = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_SYNTAX = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class Lines:
    """Line numbers of the tables, keys and list entries of a TOML text, by path."""

    def __init__(self, text: str) -> None:
        self._found: dict[Path, int] = {}
        self._counts: dict[str, int] = {}
        self._table: Path = ()
        self._scan(_INERT.sub(_blank, text).split("\n"), text.split("\n"))

    def of(self, path: Path) -> int:
        """Return the line of a path, or of what it lies in."""
        while path not in self._found:
            if not path:
                return 1
            path = path[:-1]
        return self._found[path]

    def _scan(self, bare: list[str], full: list[str]) -> None:
        key: Path = ()
        depth = count = 0
        for number, line in enumerate(bare, 1):
            rest = line
            if not depth:
                if header := _HEADER.match(line):
                    self._enter(header[1], header[2], number)
                    continue
                if "=" in line and (found := _KEY.match(full[number - 1])):
                    key, count = (*self._table, found[1].strip("\"'")), 0
                    self._found[key] = number
                    rest = line[line.index("=") + 1 :]
            for sign in rest:
                if depth == 1 and not sign.isspace() and sign not in ",]":
                    self._found.setdefault((*key, count), number)
                depth += (sign == "[") - (sign == "]")
                count += depth == 1 and sign == ","

    def _enter(self, brackets: str, name: str, number: int) -> None:
        if brackets == "[[":
            index = self._counts.get(name, -1) + 1
            self._counts[name] = index
            self._table = (name, index)
        else:
            self._table = (name,)
        self._found[self._table] = number


def parse(text: str) -> Mapping[str, Any]:
    """Read TOML with exact decimals; raise tomllib.TOMLDecodeError."""
    return tomllib.loads(text, parse_float=Decimal)


def syntax_line(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Return the line of a syntax error, and the complaint without it."""
    complaint = str(error)
    found = _SYNTAX.search(complaint)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    return line, _SYNTAX.sub("", complaint).strip()


def _blank(found: re.Match[str]) -> str:
    """Overwrite a string or comment, keeping its lines."""
    return re.sub(r"[^\n]", " " if found[0].startswith("#") else "~", found[0])
