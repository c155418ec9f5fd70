"""Verdicts and the exit codes that follow from them."""

from __future__ import annotations

import pytest

from conformance.evidence.verdicts import Verdict, exit_code


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.PASS], 0),
        ([Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.LAX, Verdict.WAIVED], 0),
        ([Verdict.PASS, Verdict.FAIL], 1),
        ([Verdict.UNREACHED], 1),
        ([Verdict.UNCLEAR], 1),
        ([Verdict.FLAKY], 1),
        ([Verdict.NOT_APPLICABLE], 3),
        ([], 3),
    ],
)
def test_the_exit_code_follows_from_the_verdicts(verdicts: list[Verdict], code: int) -> None:
    assert exit_code(verdicts) == code


def test_the_verdicts_are_the_published_words() -> None:
    words = "pass lax fail unreached unclear not-applicable waived flaky"
    assert [verdict.value for verdict in Verdict] == words.split()
