"""Run the cases again and again with one seed: nothing objects, and every journal is the same.

Run by ``make repeat``. The first run is one process; all others share the cases between two, as
``-n 2`` does. Every run has a hash seed of its own. Fails at the first run in which a case or a
rule objects to the client, or whose journal differs from the first by a byte.
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
    """Run the cases into ``folder`` and return the journal; raise RuntimeError if one objects."""
    report = folder / str(number)
    workers = "2" if number else "0"
    command = [sys.executable, "-c", COMMAND, "run", "--no-html"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--report", str(report), "--workers", workers, *arguments],
        env={**os.environ, "PYTHONHASHSEED": str(number + 1)},
        capture_output=True,
        text=True,
        timeout=RUN_S_MAX,
        check=False,
    )
    if done.returncode:
        told = (done.stdout + done.stderr)[-4000:]
        raise RuntimeError(f"run {number + 1} ends with exit code {done.returncode}:\n{told}")
    return (report / "journal.jsonl").read_bytes()


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
    parser.add_argument("--times", type=int, default=20, help="how often to run after the first")
    chosen, rest = parser.parse_known_args(arguments)
    with TemporaryDirectory() as folder:
        try:
            first = journal(Path(folder), 0, rest)
            for number in range(1, chosen.times + 1):
                print(f"repeat {number} of {chosen.times}", flush=True)
                again = journal(Path(folder), number, rest)
                if again != first:
                    print(f"it differs from the first run in {difference(first, again)}")
                    return 1
        except RuntimeError as error:
            print(error)
            return 1
    told = hashlib.sha256(first).hexdigest()
    lines = len(first.splitlines())
    print(f"{chosen.times} repeats, nothing flagged, one journal: {lines} lines, sha256 {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
