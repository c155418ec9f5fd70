"""The command: what it does, how it ends, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.cli.main import COMMANDS

OWN = '''
import os
import signal

from conformance.cases import case, check
from conformance.model.capabilities import Capability

@case("OWN-01", level=1, needs=[Capability.PLACE], source="here")
async def it_is_right(adapter, world):
    """It is right."""
    if "KILL" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
    check("WRONG" not in os.environ, "it is right", expected="right")
'''
ADAPTER = """
from conformance.model.capabilities import Capability

class Client:
    capabilities = frozenset({Capability.PLACE})

    def __init__(self, endpoints, credentials):
        pass

    async def start(self):
        pass

    async def stop(self):
        pass
"""
CONFIG = """
[tool.conformance]
adapter = "client:Client"
folder = "own"
case = "OWN-01"
venue = "binance_usdm"

[tool.pytest.ini_options]
addopts = "--no-such-option"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "claims.py").write_text(OWN)
    (tmp_path / "client.py").write_text(ADAPTER)
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from conformance.cli.main import main; main()", *arguments]


def environment(**more: str) -> dict[str, str]:
    # No Node to be found: whether HTML can be written must not depend on the machine.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return kept | {"PATH": "/nonexistent", "COLUMNS": "160"} | more


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        env=environment(**more),
    )


def test_a_conforming_adapter_ends_with_0_and_a_table(home: Path) -> None:
    done = run(home, "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Conforms: 1 judged, none against it" in done.stdout
    assert "OWN      1" in done.stdout
    assert "Evidence: reports/latest/summary.md" in done.stdout


def test_a_finding_ends_with_1_and_is_told_at_once_in_full(home: Path) -> None:
    done = run(home, "run", WRONG="1")
    assert done.returncode == 1
    for told in ("FAIL it is right", "expected: right", "reproduce: conformance run", "--folder"):
        assert told in done.stdout


def test_workers_tell_the_same(home: Path) -> None:
    done = run(home, "run", "--workers", "2", WRONG="1")
    assert done.returncode == 1
    assert "FAIL it is right" in done.stdout
    assert "OWN                          1 fail" in done.stdout


@pytest.mark.parametrize("arguments", [("run",), ("certify", "--no-html")])
def test_json_is_one_document_on_stdout(home: Path, arguments: tuple[str, ...]) -> None:
    done = run(home, *arguments, "--json", WRONG="1")
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 1
    assert told["cases"][0]["finding"]["expected"] == "right"


def test_certify_runs_every_level_writes_all_reports_and_says_why_html_is_missing(
    home: Path,
) -> None:
    done = run(home, "certify")
    assert done.returncode == 0
    assert "HTML was not written: Node is not installed" in done.stdout
    written = {path.name for path in (home / "reports" / "latest").iterdir()}
    assert written == {
        "SHA256SUMS",
        "allure-results",
        "ctrf.json",
        "journal.jsonl",
        "junit.xml",
        "report.json",
        "summary.md",
        "times.jsonl",
    }
    assert json.loads((home / "reports" / "latest" / "report.json").read_text())["level"] == 5


def test_a_killed_run_can_still_be_reported(home: Path) -> None:
    killed = run(home, "run", KILL="1")
    assert killed.returncode == -signal.SIGKILL
    done = run(home, "report", "--no-html")
    assert done.returncode == 1
    assert "1 of 1 judged stand against it" in done.stdout
    summary = (home / "reports" / "latest" / "summary.md").read_text()
    assert "the run ended before the case did" in summary


def test_a_worker_that_dies_leaves_its_case_unclear(home: Path) -> None:
    (home / "own" / "more.py").write_text(OWN.replace("OWN-01", "OWN-02").replace("KILL", "NEVER"))
    done = run(home, "run", "--workers", "2", "--case", "OWN", KILL="1")
    assert done.returncode == 1
    assert "crashed while running" in done.stdout
    assert "1 of 2 judged stand against it" in done.stdout


def test_what_a_killed_run_has_left_is_rendered_and_verified_but_does_not_conform(
    home: Path,
) -> None:
    (home / "own" / "claims.py").write_text(OWN.replace("KILL", "NEVER"))
    (home / "own" / "more.py").write_text(OWN.replace("OWN-01", "OWN-02"))
    killed = run(home, "run", "--workers", "0", "--case", "OWN", KILL="1")
    assert killed.returncode == -signal.SIGKILL
    assert "`conformance report" in run(home, "report", "verify").stderr
    told = json.loads(run(home, "report", "--json", "--no-html").stdout)
    assert (told["complete"], told["counts"]) == (False, {"pass": 1, "unclear": 1})
    assert run(home, "report", "verify").returncode == 0


def test_a_conftest_of_the_users_is_not_loaded(home: Path) -> None:
    (home / "conftest.py").write_text("1 / 0\n")
    (home / "own" / "conftest.py").write_text("1 / 0\n")
    assert run(home, "run").returncode == 0


def test_a_report_can_be_rendered_again_for_machines(home: Path) -> None:
    run(home, "run", "--report", "elsewhere")
    done = run(home, "report", "elsewhere", "--json")
    assert json.loads(done.stdout)["outcome"] == "Conforms: 1 judged, none against it"


def test_what_a_run_wrote_is_verified_and_what_was_changed_since_is_named(home: Path) -> None:
    run(home, "run")
    latest = home / "reports" / "latest"
    done = run(home, "report", "verify")
    assert (done.returncode, done.stdout.split()[0]) == (0, str(len(list(latest.rglob("*.*")))))
    with (latest / "journal.jsonl").open("ab") as journal:
        journal.write(b"\n")
    run(home, "report", "--no-html")
    done = run(home, "report", "verify", "reports/latest")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "changed  journal.jsonl"
    assert json.loads(run(home, "report", "verify", "--json").stdout)["junit.xml"] == "ok"
    assert run(home, "report", "verify", "own").returncode == 3


def test_nothing_applicable_is_not_taken_for_conformance(home: Path) -> None:
    (home / "client.py").write_text(ADAPTER.replace("{Capability.PLACE}", "set()"))
    done = run(home, "run")
    assert done.returncode == 3
    assert "Nothing was judged" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rnu",), "did you mean run?"),
        (("jump",), "commands are run, certify"),
        (("run", "--venue", "binance"), "did you mean binance_usdm?"),
        (("run", "--adapter", "nope:A"), "No module named 'nope'"),
        (("run", "--adapter", "client:Clent"), "did you mean Client?"),
        (("run", "--case", "OWN-1"), "did you mean OWN-01"),
        (("run", "--case", "OWN", "--level", "9"), "level 9 does not exist"),
        (("run", "--env", "live"), "no environment 'live'"),
        (("run", "--lvel", "1"), "--level"),
        (("explain", "OWN-9"), "did you mean OWN-01"),
        (("mutants", "--mutant", "nobody"), "no mutant called nobody"),
        (("sim", "--host", "0.0.0.0"), "neither loopback"),
        (("sim", "--host", "fapi.binance.com"), "neither loopback"),
        (("sim", "--venue", "okex"), "the venues are"),
        (("sim", "--symbol", "ETHUSDT"), "name a --scenario too"),
        (("sim", "--scenario", "flash-crash", "--symbol", "NOPE"), "there is no symbol NOPE"),
    ],
)
def test_bad_usage_ends_with_2_one_message_and_the_nearest_choice(
    home: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = run(home, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_malformed_file_is_told_with_its_line(home: Path) -> None:
    (home / "pyproject.toml").write_text("[tool.conformance]\nlevel = = 1\n")
    done = run(home, "run")
    assert done.returncode == 2
    assert "pyproject.toml:2: " in done.stderr


def test_a_level_without_cases_is_bad_usage(home: Path) -> None:
    (home / "own" / "claims.py").write_text(OWN.replace("level=1", "level=5"))
    done = run(home, "run", "--case", "OWN", "--level", "1")
    assert done.returncode == 2
    assert "no case is chosen" in done.stderr


def test_a_folder_without_a_journal_cannot_be_judged(home: Path) -> None:
    done = run(home, "report", "own")
    assert done.returncode == 3
    assert "holds no journal" in done.stderr


def test_cases_that_cannot_be_collected_are_told_without_a_run(home: Path) -> None:
    (home / "own" / "bad.py").write_text("1 / 0\n")
    done = run(home, "run")
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr
    assert "bad.py" in done.stderr


def test_explain_says_what_a_case_claims_and_how_to_run_it(home: Path) -> None:
    done = run(home, "explain", "own-01")
    assert done.returncode == 0
    for told in ("It is right.", "source      here", "needs       place", "--case OWN-01"):
        assert told in done.stdout
    told = json.loads(run(home, "explain", "OWN-01", "--json").stdout)
    assert (told["case"], told["mutants"]) == ("OWN-01", {})


@pytest.mark.parametrize("what", ["cases", "mutants", "venues"])
def test_list_tells_the_same_to_humans_and_machines(home: Path, what: str) -> None:
    rows = json.loads(run(home, "list", what, "--case", "OWN", "--json").stdout)
    done = run(home, "list", what, "--case", "OWN")
    assert len(done.stdout.splitlines()) == len(rows)
    assert done.returncode == 0


def test_list_shows_every_case_by_default(tmp_path: Path) -> None:
    rows = json.loads(run(tmp_path, "list", "--json").stdout)
    assert rows == sorted(rows, key=lambda row: row["case"])
    assert len(rows) > 10


def test_a_mutant_is_shown_with_the_cases_that_caught_it(home: Path) -> None:
    name = json.loads(run(home, "list", "mutants", "--json").stdout)[0]["mutant"]
    done = run(home, "mutants", "--mutant", name)
    assert done.returncode == 0
    assert f"caught  {name}" in done.stdout
    assert "1 of 1 mutants caught by what they name" in done.stdout
    told = json.loads(run(home, "mutants", "--mutant", name, "--json").stdout)
    assert told["mutants"][0]["caught_by"] == sorted(told["mutants"][0]["kills"])
    assert told["survivors"] == told["errors"] == told["unsound"] == []


def test_help_names_every_command_without_loading_any(home: Path) -> None:
    code = (
        "import sys; sys.argv = ['conformance', '--help']\n"
        "from conformance.cli.main import cli\n"
        "cli.main(standalone_mode=False)\n"
        "print([n for n in ('pytest', 'rich', 'orjson', 'asyncio') if n in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True
    )
    for name, does in COMMANDS.items():
        assert name in done.stdout
        assert does.split()[0] in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def serve(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("sim", *arguments), cwd=home, stdout=subprocess.PIPE, text=True, env=environment()
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_simulator_introduces_itself_serves_and_ends_when_told(
    home: Path, number: signal.Signals
) -> None:
    with serve(home) as process:
        assert process.stdout is not None
        told: Any = json.loads(process.stdout.readline())
        assert httpx.get(f"{told['rest']}/fapi/v1/time").status_code == 200
        assert told["streams"].startswith("ws://127.0.0.1:")
        assert {"kind", "key", "secret", "passphrase"} == told["credentials"][0].keys()
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_a_taken_port_is_told(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(home, "sim", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
