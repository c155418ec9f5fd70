"""A server in a process of its own, and what it has used of the processor and of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STOP_TIMEOUT_S = 10
ROOT = Path(__file__).parents[2]


class Child:
    """A child process that has said on its first line where it listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{process.args!r} ended before it was ready")
        self.ready: dict[str, Any] = json.loads(line)

    @property
    def port(self) -> int:
        """The port of its HTTP side."""
        return int(self.ready["rest"].rpartition(":")[2])

    def cpu_us(self) -> float:
        """Return the processor time of all its threads so far, in microseconds."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        spent = sum(int(stat.read_text().split()[0]) for stat in tasks.glob("*/schedstat"))
        return spent / 1_000

    def resident_kib(self) -> int:
        """Return its resident memory in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0])


@contextmanager
def child(*arguments: str) -> Iterator[Child]:
    """Run ``python arguments`` until the block ends; it must stop when its input closes."""
    with subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            yield Child(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
