"""Find dialects: the folders beside this module, and the entry points of other distributions."""

from __future__ import annotations

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from conformance.contracts.dialect import Venue
from conformance.errors import ConfigError, UsageError

GROUP = "conformance.venues"
"""Entry-point group in which another distribution publishes a ``Venue``."""


def names() -> tuple[str, ...]:
    """Return the names of all venues that can be loaded, sorted."""
    return tuple(sorted(_folders() | _foreign().keys()))


def load(name: str) -> Venue:
    """Return the venue called ``name``; raise UsageError when there is none of that name."""
    if name in _folders():
        return _checked(name, import_module(f"{__package__}.{name}").VENUE)
    point = _foreign().get(name)
    if point is None:
        raise UsageError(f"there is no venue called {name!r}", hint=_nearest(name))
    return _checked(name, point.load())


def _folders() -> set[str]:
    here = str(Path(__file__).parent)
    return {module.name for module in pkgutil.iter_modules([here]) if module.ispkg}


def _foreign() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _checked(name: str, venue: object) -> Venue:
    if isinstance(venue, Venue) and venue.name == name:
        return venue
    raise ConfigError(
        f"the venue {name!r} does not publish a Venue of that name",
        hint="its package, or its entry point, must give a conformance.contracts.dialect.Venue",
    )


def _nearest(name: str) -> str:
    known = names()
    near = get_close_matches(name, known, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}the venues are: {', '.join(known)}"
