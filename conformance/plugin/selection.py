"""Choose what to run: by id, area and level, once for every example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.cases import Case, Example, Registry
from conformance.cases.areas import AREAS
from conformance.errors import UsageError

NAME = re.compile(r"(?P<id>[^\[\]]+)(?:\[(?P<example>[^\]]*)\])?")


def examples(case: Case) -> tuple[Example | None, ...]:
    """Return the examples of a case; one None for a case without."""
    return case.examples or (None,)


def choose(
    cases: Iterable[Case], *, level: int, names: tuple[str, ...] = ()
) -> Iterator[tuple[Case, Example | None]]:
    """Yield each chosen case with each example; a name given beats the level."""
    for case in sorted(cases, key=lambda one: one.id):
        for example in examples(case):
            if wanted(case, example, level=level, names=names):
                yield case, example


def wanted(case: Case, example: Example | None, *, level: int, names: tuple[str, ...]) -> bool:
    """Say whether a case with an example is asked for."""
    if not names:
        return case.level <= level
    return any(_means(name, case, example, level) for name in names)


def verify(names: Iterable[str], cases: Registry[Case]) -> None:
    """Raise UsageError, naming what is nearest, for a name that means no case."""
    areas = {case.area for case in cases} | set(AREAS)
    for name in names:
        parts = NAME.fullmatch(name)
        if name in areas:
            continue
        if parts is None:
            raise UsageError(f"{name!r} is not a case", hint="write ID or ID[example]")
        case = cases.get(parts["id"])
        labels = [example.label for example in case.examples]
        if parts["example"] is not None and parts["example"] not in labels:
            known = f"its examples are {', '.join(labels)}" if labels else "it has no examples"
            raise UsageError(f"{case.id} has no example {parts['example']!r}", hint=known)


def _means(name: str, case: Case, example: Example | None, level: int) -> bool:
    if name == case.area:
        return case.level <= level
    return name == case.id or (example is not None and name == f"{case.id}[{example.label}]")
