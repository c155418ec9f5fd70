"""What the short names in a source stand for: see ``sources.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

PLAIN = re.compile(
    r"[\w./-]+#\d+"  # a thread of a public repository
    r"|[A-Z]{3}-\d\d"  # another case or rule
    r"|RFC \d+"
    r"|house rule: .+"
)
"""What speaks for itself."""


def cited(source: str) -> Mapping[str, str]:
    """Return what the parts of a source stand for, by part; what is not in the table: nothing."""
    return {part: _meaning(part) for part in re.split(r"[,;]\s*", source)}


def obscure(source: str) -> list[str]:
    """Return the parts of a source that neither speak for themselves nor stand in the table."""
    return [
        part for part, meaning in cited(source).items() if not meaning and not PLAIN.fullmatch(part)
    ]


def _meaning(part: str) -> str:
    name = part.partition(" ")[0]
    known = _table()
    if name in known["incidents"]:
        incident = known["incidents"][name]
        return f"{incident['what']} ({' '.join(incident['threads'])})"
    return str(known["keys"].get(name, ""))


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))
