"""Switches: points that a venue's pages leave open, with the reading that is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.errors import UsageError


def defaults(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is assumed about every switch of a venue's facts."""
    return {name: switch["default"] for name, switch in facts["switches"].items()}


def chosen(facts: Mapping[str, Any], switches: Mapping[str, Any]) -> dict[str, Any]:
    """Return every switch, the given ones in place of what is assumed.

    Raises UsageError for a switch that does not exist, or a value that is none of its choices.
    """
    known = facts["switches"]
    for name, value in switches.items():
        if name not in known:
            raise UsageError(
                f"{facts['name']} has no switch {name!r}", hint=f"one of {', '.join(known)}"
            )
        choices = known[name].get("choices")
        if choices is not None and value not in choices:
            raise UsageError(f"the switch {name} cannot be {value!r}", hint=f"one of {choices}")
    return {**defaults(facts), **switches}
