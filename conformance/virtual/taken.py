"""Functions that modules outside the standard library took by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

HARNESS = {"conformance", "pytest", "_pytest", "pluggy", "xdist", "execnet", "coverage"}
"""Packages that keep the real functions they have taken by name."""


class Taken:
    """References to real functions that modules took by name; each module is read once."""

    def __init__(self, shims: Mapping[int, Callable[..., Any]]) -> None:
        self.shims = shims
        """What stands for a function, by its identity."""
        self._seen: dict[str, ModuleType] = {}
        self._places: list[tuple[dict[str, Any], str, Any]] = []

    def places(self) -> list[tuple[dict[str, Any], str, Any]]:
        """Return (namespace, name, real function) of every such reference."""
        for name, module in list(sys.modules.items()):
            if not isinstance(module, ModuleType) or self._seen.get(name) is module:
                continue
            self._seen[name] = module
            root = name.partition(".")[0]
            if root in sys.stdlib_module_names or root in HARNESS:
                continue
            self._places += [
                (vars(module), key, value)
                for key, value in list(vars(module).items())
                if id(value) in self.shims
            ]
        return self._places
