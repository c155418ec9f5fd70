"""How a case, its examples, a mutant and a monitor are written down.

A case is one async function in a file of ``suites``::

    @case("ORD-01", level=1, needs=[Capability.PLACE], source="NT E10-12")
    @for_each(side=[Side.BUY, Side.SELL])
    async def limit_order_rests_at_its_exact_price(adapter, world, side):
        \"\"\"A limit order away from the market rests with a venue id and its exact price.\"\"\"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from inspect import getdoc
from itertools import product
from typing import Any, TypeVar

from conformance.cases.catalogue import (
    CASES,
    MONITORS,
    MUTANTS,
    Case,
    Check,
    Example,
    Monitor,
    Mutant,
)
from conformance.cases.rule import Rule
from conformance.contracts.adapter import AdapterFactory
from conformance.errors import UsageError
from conformance.model.capabilities import Capability, Way

MONITOR_ID = re.compile(r"MON-\d{2}")
CASE_ID = re.compile(r"[A-Z]{3}-\d{2}[a-z]?")
LEVELS = range(1, 6)
C = TypeVar("C", bound=Check)
F = TypeVar("F", bound=AdapterFactory)
R = TypeVar("R", bound=type[Rule])


def for_each(**axes: Iterable[Any]) -> Callable[[C], C]:
    """Run the case once for every combination of the axes' values."""

    def mark(check: C) -> C:
        names = sorted(axes)
        rows = product(*(list(axes[name]) for name in names))
        check.__examples__ = tuple(  # type: ignore[attr-defined]
            Example(
                label=",".join(f"{n}={_label(v)}" for n, v in zip(names, row, strict=True)),
                values=dict(zip(names, row, strict=True)),
            )
            for row in rows
        )
        return check

    return mark


def case(
    case_id: str,
    *,
    level: int,
    needs: Iterable[Capability],
    source: str,
    ways: Iterable[Way] = (),
    started: bool = True,
    stimulus: bool = False,
    tls: bool = False,
    oracle: bool = False,
) -> Callable[[C], C]:
    """Enter an async function into the catalogue under an id that is never reused.

    ``level`` 1 baseline … 5 endurance; ``needs``: capabilities without which the case is not
    applicable; ``ways``: what the venue must do for the claim to make sense; ``source``: the
    citation; ``started=False``: the case starts the adapter itself; ``stimulus``: the case arms
    faults, and one that was never delivered makes it *unreached*; ``tls``: the world speaks
    TLS; ``oracle``: the case asks the outside witnesses.
    """
    if not CASE_ID.fullmatch(case_id):
        raise UsageError(f"{case_id!r} is not a case id", hint="three capitals, dash, two digits")
    if level not in LEVELS:
        raise UsageError(f"{case_id}: level {level} does not exist", hint="levels are 1 to 5")

    def enter(check: C) -> C:
        claim = _stated(check, case_id, hint="state the claim in one sentence")
        CASES.add(
            case_id,
            Case(
                id=case_id,
                level=level,
                title=claim.splitlines()[0].rstrip("."),
                claim=claim,
                source=source,
                needs=frozenset(needs),
                ways=frozenset(ways),
                area=case_id.split("-", maxsplit=1)[0],
                check=check,
                name=check.__name__,
                examples=getattr(check, "__examples__", ()),
                started=started,
                stimulus=stimulus,
                tls=tls,
                oracle=oracle,
            ),
        )
        return check

    return enter


def mutant(
    name: str,
    *,
    kills: Iterable[str],
    bug: str,
    during: Iterable[str] = (),
    ways: Iterable[Way] = (),
) -> Callable[[F], F]:
    """Enter a faulty adapter factory; its docstring says what is wrong with it.

    ``kills``: ids of the cases and monitors that must catch it; ``bug``: the documented precedent;
    ``during``: cases in whose runs the monitors must catch it, beside those in ``kills``;
    ``ways``: what the venue must do for the fault to make sense.
    """

    def enter(factory: F) -> F:
        fault = _stated(factory, f"mutant {name}", hint="say what is wrong with it")
        MUTANTS.add(
            name,
            Mutant(
                name=name,
                fault=fault.splitlines()[0],
                kills=tuple(kills),
                bug=bug,
                factory=factory,
                during=tuple(during),
                ways=frozenset(ways),
            ),
        )
        return factory

    return enter


def monitor(monitor_id: str, *, source: str) -> Callable[[R], R]:
    """Enter a rule into the catalogue under an id that is never reused; its docstring claims it.

    ``source``: the citation.
    """
    if not MONITOR_ID.fullmatch(monitor_id):
        raise UsageError(f"{monitor_id!r} is not a monitor id", hint="MON, dash, two digits")

    def enter(rule: R) -> R:
        claim = getdoc(rule) if rule.__doc__ else ""
        if not claim:
            raise UsageError(f"{monitor_id} has no docstring", hint="state the rule in a sentence")
        rule.id = monitor_id
        title = claim.splitlines()[0].rstrip(".")
        MONITORS.add(
            monitor_id,
            Monitor(id=monitor_id, title=title, claim=claim, source=source, rule=rule),
        )
        return rule

    return enter


def _stated(thing: object, name: str, *, hint: str) -> str:
    said = getdoc(thing)
    if not said:
        raise UsageError(f"{name} has no docstring", hint=hint)
    return said


def _label(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", str(value))
