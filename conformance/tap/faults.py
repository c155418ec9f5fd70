"""The troubles that a tap can cause; implements the Faults contract as far as it goes."""

from __future__ import annotations

from typing import Any

from conformance.errors import Beyond
from conformance.gateway import faults as gateway


class Faults(gateway.Faults):
    """Everything on the way to the venue; nothing inside it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        """Raise Beyond: the venue's clock, keys and past are its own."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise Beyond(f"at a venue that is not ours, nobody can {name.replace('_', ' ')}")
