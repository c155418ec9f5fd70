"""What an error tells, and the exit code it stands for."""

from __future__ import annotations

import pytest

from conformance import errors


def test_a_tool_error_shows_its_hint() -> None:
    assert str(errors.WorldError("no port")) == "no port"
    assert str(errors.WorldError("no port", hint="free one")) == "no port\nhint: free one"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError, 2),
        (errors.ConfigError, 2),
        (errors.HostRefused, 2),
        (errors.BridgeError, 3),
        (errors.WorldError, 3),
        (errors.OracleError, 3),
        (errors.EvidenceError, 3),
    ],
)
def test_every_tool_error_has_its_exit_code(
    error: type[errors.ConformanceError], code: int
) -> None:
    assert error.exit_code == code


def test_a_throttled_adapter_says_until_when() -> None:
    assert errors.Throttled("slow", retry_at_ms=5).retry_at_ms == 5
    assert errors.Banned("out", until_ms=6).until_ms == 6


def test_a_finding_is_an_assertion_but_our_own_bug_is_not() -> None:
    assert issubclass(errors.Finding, AssertionError)
    assert not issubclass(errors.InvariantBroken, AssertionError | errors.ConformanceError)
