"""Which cases run: by id, example, area and level."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.cases import Case, Example, Registry
from conformance.errors import UsageError
from conformance.plugin.selection import choose, verify


async def body(adapter: Any, world: Any) -> None:
    """Hold."""


def a_case(case_id: str, level: int = 1, labels: tuple[str, ...] = ()) -> Case:
    return Case(
        id=case_id,
        level=level,
        title="",
        claim="",
        source="",
        needs=frozenset(),
        area=case_id[:3],
        check=body,
        name="body",
        examples=tuple(Example(label, {}) for label in labels),
    )


CASES: Registry[Case] = Registry("case")
for one in (a_case("SIG-01"), a_case("ORD-02", 5), a_case("ORD-01", 2, ("side=buy", "side=sell"))):
    CASES.add(one.id, one)


@pytest.mark.parametrize(
    ("level", "names", "chosen"),
    [
        (4, (), ["ORD-01[side=buy]", "ORD-01[side=sell]", "SIG-01"]),
        (1, (), ["SIG-01"]),
        (5, ("ORD",), ["ORD-01[side=buy]", "ORD-01[side=sell]", "ORD-02"]),
        (4, ("ORD",), ["ORD-01[side=buy]", "ORD-01[side=sell]"]),
        (1, ("ORD-02",), ["ORD-02"]),
        (1, ("ORD-01[side=sell]",), ["ORD-01[side=sell]"]),
        (1, ("SIG", "ORD-01[side=buy]"), ["ORD-01[side=buy]", "SIG-01"]),
    ],
)
def test_cases_are_chosen_sorted(level: int, names: tuple[str, ...], chosen: list[str]) -> None:
    verify(names, CASES)
    told = [
        f"{case.id}[{example.label}]" if example else case.id
        for case, example in choose(CASES, level=level, names=names)
    ]
    assert told == chosen


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("ORD-03", "no case called ORD-03", "ORD-0"),
        ("ORD-01[side=up]", "ORD-01 has no example 'side=up'", "side=buy, side=sell"),
        ("SIG-01[x]", "SIG-01 has no example 'x'", "it has no examples"),
        ("[", "'[' is not a case", "write ID or ID[example]"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        verify([name], CASES)
    assert message in caught.value.message
    assert hint in caught.value.hint
