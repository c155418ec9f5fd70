"""Market stories: read from files, checked to the line, turned into prices and beats, drawn."""

from __future__ import annotations

from conformance.scenarios.flaws import Flaw, Flawed
from conformance.scenarios.library import load, names
from conformance.scenarios.reading import lint, read
from conformance.scenarios.story import Story

__all__ = ["Flaw", "Flawed", "Story", "lint", "load", "names", "read"]
