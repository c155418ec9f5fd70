"""What is logged while a case runs: kept, redacted, bounded, and no longer than the case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from conformance.evidence.logs import LINES_MAX, LogLines
from conformance.evidence.redaction import Redactor

LOGGER = logging.getLogger("client")


def heard(speak: Callable[[], object]) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    with LogLines("v/A", lambda kind, **f: seen.append({"kind": kind, **f}), Redactor(), lambda: 5):
        speak()
    return seen


def test_a_line_is_kept_with_its_time_level_and_logger() -> None:
    assert heard(lambda: LOGGER.warning("a %s", "b")) == [
        {
            "kind": "log",
            "case": "v/A",
            "at_ms": 5,
            "level": "WARNING",
            "logger": "client",
            "text": "a b",
        }
    ]


def test_secrets_are_masked_in_log_lines() -> None:
    lines = heard(lambda: LOGGER.error("sent signature=%s", "c0ffee11c0ffee11"))
    assert lines[0]["text"] == "sent signature=[redacted signature]"


def test_after_the_case_nothing_is_heard() -> None:
    lines = heard(lambda: None)
    LOGGER.warning("late")
    assert lines == []


def test_a_chatterbox_is_cut_off_and_that_is_said() -> None:
    def chatter() -> None:
        for _ in range(LINES_MAX + 5):
            LOGGER.warning("again")

    lines = heard(chatter)
    assert len(lines) == LINES_MAX + 1
    assert lines[-1]["text"].startswith("more than 500 lines were logged")


def test_a_line_whose_arguments_do_not_fit_is_kept() -> None:
    record = logging.LogRecord("client", logging.ERROR, "", 0, "%d orders", ("many",), None)
    seen: list[str] = []
    lines = LogLines("v/A", lambda _kind, **f: seen.append(f["text"]), Redactor(), lambda: 5)
    lines.emit(record)
    assert seen == ["%d orders ('many',)"]
