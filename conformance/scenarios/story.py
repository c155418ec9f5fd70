"""A story as it was read: who acts, how prices move, what the director orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from conformance.model.ids import Millis
from conformance.scenarios import values
from conformance.scenarios.actors import Actor
from conformance.scenarios.commands import Command
from conformance.scenarios.paths import Path


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a story says about itself."""

    title: Annotated[str, values.text]
    about: Annotated[str, values.text] = ""
    lasts: Annotated[Millis, values.period]
    base: Annotated[Decimal, values.price] = Decimal(100)
    """The price at the beginning, in whose units all prices of the file are given."""
    absolute: Annotated[bool, values.flag] = False
    """True: the prices of the file are those of the venue, from ``base`` on."""
    dated: Annotated[bool, values.flag] = False
    """True: play in a dated future, where the venue lists one."""
    seed: Annotated[int, values.whole(0, 2**31 - 1)] = 0
    """Added to the seed with which the story is played."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A market story; plain data, the same for every venue and every seed."""

    name: str
    head: Head
    actors: tuple[Actor, ...] = ()
    paths: tuple[Path, ...] = ()
    commands: tuple[Command, ...] = ()
    """In the order of time."""
