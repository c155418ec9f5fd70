"""The plugin inside somebody's pytest: collected, run, told, and out of the way otherwise."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.evidence.reading import load

OWN = '''
from conformance.cases import case, check, for_each
from conformance.model.capabilities import Capability

P = [Capability.PLACE]

@case("OWN-01", level=1, needs=P, source="here")
@for_each(side=["buy", "sell"])
async def it_answers(adapter, world, side):
    """It answers."""
    check(await adapter.ping() == 200, "it answers", expected=200)

@case("OWN-02", level=2, needs=P, source="here")
async def it_is_wrong(adapter, world):
    """It is right."""
    await adapter.ping()
    check(False, "it is right", expected="right", observed="wrong")

@case("OWN-03", level=1, needs=[Capability.AMEND], source="here")
async def it_amends(adapter, world):
    """It amends."""

@case("OWN-04", level=5, needs=P, source="here")
async def it_lasts(adapter, world):
    """It lasts."""
'''
ADAPTER = """
import httpx
from conformance.model.capabilities import Capability

class Client:
    capabilities = frozenset({Capability.PLACE})

    def __init__(self, endpoints, credentials):
        self.endpoints, self.key = endpoints, credentials.key
        self.ready = False

    async def start(self):
        self.ready = True

    async def stop(self):
        self.ready = False

    async def ping(self):
        headers = {"x-mbx-apikey": self.key}
        async with httpx.AsyncClient(base_url=self.endpoints.rest, headers=headers) as client:
            return (await client.post("/fapi/v1/listenKey")).status_code
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "claims.py").write_text(OWN)
    (tmp_path / "client.py").write_text(ADAPTER)
    return tmp_path


def run_pytest(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    plugins = ["-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir", str(home), "-v", "-ra"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *arguments],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
    )


OURS = (
    *("own", "--conformance-folder", "own", "--conformance-adapter", "client:Client"),
    *("--conformance-venue", "binance_usdm"),
)


def results(text: str) -> dict[str, str]:
    return dict(re.findall(r"::(\S+) (PASSED|FAILED|SKIPPED|ERROR)", text))


def test_cases_are_items_with_stable_names_and_visible_verdicts(home: Path) -> None:
    done = run_pytest(home, *OURS)
    assert done.returncode == 1
    assert results(done.stdout) == {
        "binance_usdm/OWN-01[side=buy]": "PASSED",
        "binance_usdm/OWN-01[side=sell]": "PASSED",
        "binance_usdm/OWN-02": "FAILED",
        "binance_usdm/OWN-03": "SKIPPED",
    }
    assert "the adapter does not offer amend" in done.stdout
    for told in (
        "claim:    it is right",
        "expected: right",
        "observed: wrong",
        "--> #1 stream-key-create: POST",
    ):
        assert told in done.stdout
    assert "conformance run --venue binance_usdm --case OWN-02 --seed 0" in done.stdout
    assert "Does not conform: 1 of 3 judged stand against it; see reports/latest" in done.stdout


def test_no_key_reaches_any_output(home: Path) -> None:
    done = run_pytest(home, *OURS)
    told = [done.stdout + done.stderr]
    files = [path for path in (home / "reports").rglob("*") if path.is_file()]
    told += [path.read_text() for path in files]
    assert len(files) > 10
    assert [text for text in told if "ThrowAway" in text] == []
    assert any("[redacted listenKey]" in text for text in told)


def test_workers_make_the_same_run_as_one_process(home: Path) -> None:
    stories = []
    for extra in ((), ("-n", "2")):
        done = run_pytest(home, *OURS, *extra)
        assert done.returncode == 1
        run = load(home / "reports" / "latest")
        assert run.ended is not None
        stories.append([(case.key, case.verdict, len(case.wire)) for case in run.cases])
        assert not (home / "reports" / "latest" / "parts").exists()
    assert stories[0] == stories[1]


def test_the_choice_is_by_level_and_by_name(home: Path) -> None:
    done = run_pytest(home, *OURS, "--conformance-level", "1", "--collect-only", "-q")
    assert "OWN-01[side=buy]" in done.stdout
    assert "OWN-02" not in done.stdout
    done = run_pytest(home, *OURS, "--conformance-case", "OWN-04")
    assert results(done.stdout) == {"binance_usdm/OWN-04": "PASSED"}


def test_the_suites_are_collected_by_the_name_of_their_package(home: Path) -> None:
    done = run_pytest(home, "--pyargs", "conformance.suites", "--collect-only", "-q")
    names = re.findall(r"binance_usdm/[A-Z]{3}-\d\d", done.stdout)
    assert len(names) > 10
    assert done.returncode == 0


def test_a_tool_that_fails_ends_the_run_with_3_and_keeps_the_evidence(home: Path) -> None:
    wrong = 'check(False, "it is right", expected="right", observed="wrong")'
    assert wrong in OWN
    broken = OWN.replace(wrong, 'raise __import__("conformance").errors.WorldError("gone")')
    (home / "own" / "claims.py").write_text(broken)
    done = run_pytest(home, *OURS)
    assert done.returncode == 3
    run = load(home / "reports" / "latest")
    assert [error["text"] for error in run.errors] == ["gone"]
    assert [case.verdict for case in run.cases] == ["pass", "pass", "unclear"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--conformance-venue", "binance"), "did you mean binance_usdm?"),
        (("--conformance-adapter", "client:Cleint"), "did you mean Client?"),
        (("--conformance-case", "OWN-99"), "no case called OWN-99"),
        (("--conformance-report", "client.py/report"), "cannot be written"),
    ],
)
def test_what_does_not_exist_is_a_usage_error(
    home: Path, arguments: tuple[str, str], told: str
) -> None:
    done = run_pytest(home, *OURS, *arguments)
    assert done.returncode == 4
    assert told in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_case_defined_twice_is_told_as_a_collection_error(home: Path) -> None:
    (home / "own" / "twice.py").write_text(OWN)
    done = run_pytest(home, *OURS)
    assert "case OWN-01 is defined twice" in done.stderr
    assert done.returncode == 4


def test_without_a_word_about_us_nothing_of_ours_happens(home: Path) -> None:
    (home / "pyproject.toml").write_text("[tool.conformance]\nbroken = 1\n")
    (home / "test_other.py").write_text(
        "import sys\ndef test_it():\n    assert 'conformance.sim' not in sys.modules\n"
    )
    done = run_pytest(home)
    assert (done.returncode, results(done.stdout)) == (0, {"test_it": "PASSED"})
    assert not (home / "reports").exists()


TESTS = """
import asyncio, time
import pytest

async def test_world(world):
    began = time.time()
    await asyncio.sleep(3600)
    assert time.time() - began >= 3600
    assert world.truth.open_orders() == []

async def test_adapter(adapter, world, venue):
    assert adapter.ready
    assert adapter.endpoints.venue == venue.name
    assert await adapter.ping() == 200
    assert len(world.wire.calls()) == 1

async def test_failing(world):
    assert world.seed == 99

def test_sync(world):
    pass

class TestGrouped:
    @pytest.mark.parametrize("n", [1, 2])
    async def test_method(self, n, adapter):
        assert n < 2
"""


def test_the_fixtures_serve_a_users_own_asynchronous_tests(home: Path) -> None:
    (home / "pyproject.toml").write_text('[tool.conformance]\nadapter = "client:Client"\n')
    (home / "test_mine.py").write_text(TESTS)
    done = run_pytest(home, "test_mine.py")
    assert results(done.stdout) == {
        "test_world": "PASSED",
        "test_adapter": "PASSED",
        "test_failing": "FAILED",
        "test_sync": "ERROR",
        "TestGrouped::test_method[1]": "PASSED",
        "TestGrouped::test_method[2]": "FAILED",
    }
    assert "test_sync asks for a world and is not asynchronous" in done.stdout
    assert "never awaited" not in done.stdout


def test_a_world_fixture_of_somebody_else_is_left_alone(home: Path) -> None:
    (home / "test_mine.py").write_text(
        "import pytest\n@pytest.fixture\ndef world():\n    return 7\n"
        "def test_it(world):\n    assert world == 7\n"
        "def test_that(world, adapter):\n    pass\n"
    )
    done = run_pytest(home, "test_mine.py")
    assert results(done.stdout) == {"test_it": "PASSED", "test_that": "ERROR"}
    assert "needs the fixture world of this plugin" in done.stdout


def test_the_machine_report_is_valid_json(home: Path) -> None:
    run_pytest(home, *OURS)
    told: Any = json.loads((home / "reports" / "latest" / "report.json").read_text())
    assert told["adapter"] == "client:Client"
    assert "OWN-01" in told["unproven"]
