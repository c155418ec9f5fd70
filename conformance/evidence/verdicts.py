"""What a case's run amounts to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The judgement on one case with one example."""

    PASS = "pass"  # noqa: S105 - not a password
    """The claim holds."""
    LAX = "lax"
    """The claim holds, a recommendation does not."""
    FAIL = "fail"
    """The claim is broken."""
    UNREACHED = "unreached"
    """The trouble that the case is about never struck: nothing was shown."""
    UNCLEAR = "unclear"
    """The case could not judge what it saw, or did not come to its end."""
    NOT_APPLICABLE = "not-applicable"
    """The adapter does not offer what the case needs."""
    WAIVED = "waived"
    """Broken, known and accepted by its owner."""
    FLAKY = "flaky"
    """Seeds disagree."""

    @property
    def conforms(self) -> bool:
        """True when the verdict does not stand in the way of conformance."""
        return self in _CONFORMING

    @property
    def judged(self) -> bool:
        """True when the case really said something about the adapter."""
        return self is not Verdict.NOT_APPLICABLE


_CONFORMING = frozenset({Verdict.PASS, Verdict.LAX, Verdict.NOT_APPLICABLE, Verdict.WAIVED})

CONFORMS = 0
FINDINGS = 1
USAGE = 2
COULD_NOT_JUDGE = 3


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 0 when all conform, 1 when one does not, 3 when nothing at all was judged."""
    seen = tuple(verdicts)
    if not all(verdict.conforms for verdict in seen):
        return FINDINGS
    return CONFORMS if any(verdict.judged for verdict in seen) else COULD_NOT_JUDGE
