"""A machine without Node or cargo: every report says so; on a build machine it is no judgement."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

MISSING = {
    "JavaScript": "not run: JavaScript oracle (node missing)",
    "Rust": "not run: Rust oracle (cargo missing)",
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Run SIG-01 where there is Python and nothing else; return what came of it by name."""
    home = tmp_path_factory.mktemp("bare")
    (home / "bin").mkdir()
    (home / "bin" / "python3").symlink_to(shutil.which("python3") or sys.executable)

    def run(name: str, **more: str):
        kept = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_") and n != "CI"}
        told = {"PATH": str(home / "bin"), "XDG_CACHE_HOME": str(home / "cache"), "COLUMNS": "160"}
        code = "from conformance.cli.main import main; main()"
        words = ["run", "--case", "SIG-01", "--venue", "binance_usdm", "--workers", "0", "--html"]
        return subprocess.run(
            [sys.executable, "-c", code, *words, "--report", str(home / name)],
            env=kept | told | more,
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        ), home / name

    return {"home": run("home"), "build machine": run("build", CI="true")}


@pytest.mark.parametrize("language", MISSING)
def test_every_report_says_who_was_not_heard(bare, language):
    done, report = bare["home"]
    said = MISSING[language]
    assert said in done.stdout
    assert said in (report / "summary.md").read_text("utf-8")
    document = json.loads((report / "report.json").read_bytes())
    assert said in [oracle["told"] for oracle in document["oracles"]]
    # What the HTML page is made of.
    assert said in (report / "allure-results" / "environment.properties").read_text("utf-8")


def test_an_oracle_that_was_not_built_is_said_with_its_mend(bare):
    done, _ = bare["home"]
    assert "not run: Python oracle (not built)" in done.stdout
    assert "conformance vectors build" in done.stdout


def test_at_home_that_is_no_failure(bare):
    done, report = bare["home"]
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((report / "report.json").read_bytes())["exit_code"] == 0
    assert "Conforms: 1 judged" in done.stdout


def test_on_a_build_machine_it_is_no_judgement(bare):
    done, report = bare["build machine"]
    assert done.returncode == 3
    document = json.loads((report / "report.json").read_bytes())
    assert document["exit_code"] == 3
    assert [oracle["required"] for oracle in document["oracles"]] == [True] * 3
    for place in (done.stdout, (report / "summary.md").read_text("utf-8")):
        assert "The tool could not judge: not every oracle was heard" in place
        assert all(said in place for said in MISSING.values())
