"""How a judgement becomes a finding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.cases import accepted, check, equal, fail, rejected, unknown
from conformance.errors import Finding
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, NotSent, Outcome, OutcomeUnknown, Rejected

REFUSED = Rejected(Category.STATE, "-1", "no")
OUTCOMES: list[Outcome[int]] = [Accepted(7), REFUSED, OutcomeUnknown("lost"), NotSent("full")]


def broken(judge: Callable[..., object], *claim: object) -> bool:
    try:
        judge(*claim)
    except Finding:
        return True
    return False


def test_just_a_claim_that_does_not_hold_is_broken() -> None:
    assert [broken(check, holds, "it holds") for holds in (True, False)] == [False, True]
    assert [broken(equal, 1, other, "they are equal") for other in (1, 2)] == [False, True]


def test_a_broken_claim_says_what_was_expected_and_what_was_seen() -> None:
    with pytest.raises(Finding) as broken:
        equal([1], [2], "they are equal")
    assert str(broken.value) == "they are equal\n  expected: [2]\n  observed: [1]"


def test_a_claim_can_break_without_figures() -> None:
    with pytest.raises(Finding) as broken:
        check(0, "it holds")
    assert str(broken.value) == "it holds"
    with pytest.raises(Finding, match="it never holds"):
        fail("it never holds")


@pytest.mark.parametrize(
    ("judge", "right", "value"),
    [
        (accepted, OUTCOMES[0], 7),
        (rejected, REFUSED, REFUSED),
        (unknown, OUTCOMES[2], OUTCOMES[2]),
    ],
    ids=["accepted", "rejected", "unknown"],
)
def test_each_judge_takes_one_kind_of_outcome_only(
    judge: Callable[[Outcome[int], str], object], right: Outcome[int], value: object
) -> None:
    assert judge(right, "the order") == value
    for outcome in OUTCOMES:
        if outcome is not right:
            with pytest.raises(Finding, match="the order is"):
                judge(outcome, "the order")
