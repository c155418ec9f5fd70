"""What is left out is seen: locally with its reason, on a build machine as a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULE = Path(__file__).with_name("conftest.py")
LEFT_OUT = "import pytest\ndef test_it():\n    pytest.importorskip('no_such_module')\n"


@pytest.mark.parametrize(("build", "code"), [("true", 1), ("", 0)])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_skipped_test_fails_on_a_build_machine_only(
    tmp_path: Path, build: str, code: int, workers: str
) -> None:
    (tmp_path / "conftest.py").write_text(RULE.read_text())
    (tmp_path / "test_it.py").write_text(LEFT_OUT)
    command = [sys.executable, "-m", "pytest", "-p", "no:conformance", "-rs", "-n", workers]
    told = subprocess.run(
        [*command, "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "CI": build},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == code, told.stdout + told.stderr
    assert "could not import 'no_such_module'" in told.stdout
