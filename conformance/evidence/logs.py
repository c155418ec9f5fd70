"""Write what is logged while a case runs into the journal, without secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from conformance.evidence.redaction import Redactor
from conformance.evidence.wire import TEXT_MAX, Writer

LINES_MAX = 500
"""How many lines of one case are kept."""


class LogLines(logging.Handler):
    """A root handler for the time of one case; levels stay as the adapter's owner set them.

    ``now`` is the venue's clock in milliseconds, so that lines and wire go together.
    """

    def __init__(
        self, case: str, write: Writer, redactor: Redactor, now: Callable[[], int]
    ) -> None:
        super().__init__()
        self._case = case
        self._write = write
        self._redactor = redactor
        self._now = now
        self._left = LINES_MAX

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or that no more are kept."""
        if self._left < 0:
            return
        self._left -= 1
        text = self._redactor.text(_message(record))[:TEXT_MAX]
        if self._left < 0:
            text = f"more than {LINES_MAX} lines were logged: the rest is left out"
        self._write(
            "log",
            case=self._case,
            at_ms=self._now(),
            level=record.levelname,
            logger=record.name,
            text=text,
        )

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        logging.getLogger().removeHandler(self)
        self.close()


def _message(record: logging.LogRecord) -> str:
    """Return the formatted message; a line whose arguments do not fit is kept as it stands."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"
