"""Run the cases again and again with one seed; every journal must be the same, byte for byte.

Run by ``make repeat``. Every run gets a hash seed of its own, and every second one shares the
cases between two processes. Fails at the first run that differs from the one before.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

RUN_S_MAX = 300
COMMAND = "from conformance.cli.main import main; main()"


def journal(folder: Path, number: int, arguments: Sequence[str]) -> bytes:
    """Run the cases into ``folder`` and return the journal; raise RuntimeError without one."""
    report = folder / str(number)
    workers = "2" if number % 2 else "0"
    command = [sys.executable, "-c", COMMAND, "run", "--no-html"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--report", str(report), "--workers", workers, *arguments],
        env={**os.environ, "PYTHONHASHSEED": str(number + 1)},
        capture_output=True,
        text=True,
        timeout=RUN_S_MAX,
        check=False,
    )
    path = report / "journal.jsonl"
    if not path.exists():
        raise RuntimeError(f"run {number} left no journal: {done.stdout}{done.stderr}")
    return path.read_bytes()


def difference(first: bytes, second: bytes) -> str:
    """Return the first lines in which two journals differ."""
    pairs = zip(first.splitlines(), second.splitlines(), strict=False)
    for number, (one, other) in enumerate(pairs, 1):
        if one != other:
            return f"line {number}:\n{one.decode()[:2000]}\n{other.decode()[:2000]}"
    return f"one has {len(first.splitlines())} lines, the other {len(second.splitlines())}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Repeat, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often to run")
    chosen, rest = parser.parse_known_args(arguments)
    with TemporaryDirectory() as folder:
        first = journal(Path(folder), 0, rest)
        for number in range(1, chosen.times):
            again = journal(Path(folder), number, rest)
            if again != first:
                print(f"run {number + 1} differs from the first in {difference(first, again)}")
                return 1
    told = hashlib.sha256(first).hexdigest()
    lines = len(first.splitlines())
    print(f"{chosen.times} runs, one journal: {lines} lines, {len(first)} bytes, sha256 {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
