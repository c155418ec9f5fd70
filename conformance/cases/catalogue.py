"""The registers of cases, mutants and monitors, filled by importing what defines them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from conformance.cases.rule import Rule
from conformance.contracts.adapter import Adapter, AdapterFactory
from conformance.contracts.world import World
from conformance.errors import UsageError
from conformance.model.capabilities import Capability, Way

Check: TypeAlias = Callable[..., Awaitable[None]]
"""``async def claim(adapter, world, **example)``; raises Finding when the claim does not hold."""


@dataclass(frozen=True, slots=True)
class Example:
    """One set of parameters of a case; ``label`` is stable and free of secrets."""

    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One claim about adapters: one id, one citation."""

    id: str
    level: int
    title: str
    """The docstring's first line; becomes the title in reports."""
    claim: str
    """The whole docstring."""
    source: str
    needs: frozenset[Capability]
    area: str
    check: Check
    name: str
    ways: frozenset[Way] = frozenset()
    """What the venue must do for the claim to make sense."""
    examples: tuple[Example, ...] = ()
    started: bool = True
    """False: the case calls ``adapter.start`` itself."""
    stimulus: bool = False
    """True: at least one fault must be delivered, else the verdict is *unreached*."""
    tls: bool = False
    """True: the world speaks TLS, by a certificate that the given authority vouches for."""
    oracle: bool = False
    """True: the case asks the outside witnesses of signatures."""

    async def run(self, adapter: Adapter, world: World, example: Example | None = None) -> None:
        """Carry the claim out once."""
        await self.check(adapter, world, **(example.values if example else {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A faulty adapter, and the cases and monitors that must catch it."""

    name: str
    fault: str
    """What is wrong with it, in one sentence."""
    kills: tuple[str, ...]
    """Ids of cases and of monitors."""
    bug: str
    factory: AdapterFactory
    during: tuple[str, ...] = ()
    """Cases in whose runs it breaks the rules of the monitors it names."""
    ways: frozenset[Way] = frozenset()
    """What the venue must do for the fault to make sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """One rule that is watched on the wire of every run, whatever case is running."""

    id: str
    title: str
    """The docstring's first line; becomes the title in reports."""
    claim: str
    """The whole docstring."""
    source: str
    rule: type[Rule]


T = TypeVar("T")


@dataclass(slots=True)
class Registry(Generic[T]):
    """Things by key, in the order of their keys; a second thing under a key is an error."""

    kind: str
    _entries: dict[str, T] = field(default_factory=dict)

    def add(self, key: str, entry: T) -> None:
        """Register ``entry``; raise UsageError when the key is taken."""
        if key in self._entries:
            raise UsageError(
                f"{self.kind} {key} is defined twice",
                hint=f"give the new {self.kind} an id of its own; ids are never reused",
            )
        self._entries[key] = entry

    def get(self, key: str) -> T:
        """Return the entry; raise UsageError naming the nearest keys."""
        from difflib import get_close_matches  # noqa: PLC0415 - only on the error path

        try:
            return self._entries[key]
        except KeyError:
            near = get_close_matches(key, self._entries, n=3, cutoff=0.4)
            raise UsageError(
                f"no {self.kind} called {key}",
                hint=f"did you mean {', '.join(near)}?" if near else "see `conformance list`",
            ) from None

    def __iter__(self) -> Iterator[T]:
        return iter([self._entries[key] for key in sorted(self._entries)])

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries


CASES: Registry[Case] = Registry("case")
MUTANTS: Registry[Mutant] = Registry("mutant")
MONITORS: Registry[Monitor] = Registry("monitor")
