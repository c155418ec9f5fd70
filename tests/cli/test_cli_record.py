"""``conformance record`` and the environments, from outside."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

CASE = "ORD-01[side=buy]"
DEARER = """
from dataclasses import replace
from conformance.client import ReferenceClient

class Dearer(ReferenceClient):
    async def place(self, request):
        return await super().place(replace(request, quantity=request.quantity * 2))
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from conformance.cli.main import main; main()", *arguments]


def environment() -> dict[str, str]:
    ours = ("PYTEST_", "CONFORMANCE_")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {"COLUMNS": "160"}


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("recorded")
    done = run(home, "record", "--case", CASE, "--cassettes", "mine", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    [told] = json.loads(done.stdout)
    assert (told["verdict"], told["why"]) == ("pass", "")
    assert (home / told["tape"]).is_file()
    return home


@pytest.fixture
def recorded(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original / "mine", tmp_path / "mine")
    return tmp_path


def test_what_is_recorded_replays_with_the_same_verdict(recorded: Path) -> None:
    done = run(recorded, "run", "--env", "replay", "--cassettes", "mine", "--case", CASE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Conforms: 1 judged, none against it" in done.stdout


def test_a_case_without_a_tape_is_told_as_not_applicable(recorded: Path) -> None:
    done = run(recorded, "run", "--env", "replay", "--cassettes", "mine", "--case", "ORD-01")
    assert done.returncode == 0
    assert re.search(r"1 pass, \d not-applicable\n", done.stdout)


def test_whatever_is_on_tape_is_recorded_again(recorded: Path) -> None:
    [tape] = (recorded / "mine").rglob("*.jsonl")
    tape.write_bytes(b"outdated")
    done = run(recorded, "record", "--again", "--cassettes", "mine")
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["kept", f"binance_usdm/{CASE}"])
    assert run(recorded, "run", "--env", "replay", "--cassettes", "mine").returncode == 0


def test_another_client_departs_from_the_tape_and_is_told_how(recorded: Path) -> None:
    (recorded / "dearer.py").write_text(DEARER)
    tapes = recorded / "mine" / "binance_usdm"
    (tapes / "conformance.client.ReferenceClient").rename(tapes / "dearer.Dearer")
    arguments = ("--env", "replay", "--cassettes", "mine", "--case", CASE)
    done = run(recorded, "run", *arguments, "--adapter", "dearer:Dearer")
    assert done.returncode == 1
    assert "FAIL the client sends what was recorded" in done.stdout
    assert "quantity is 0.004, recorded is 0.002" in done.stdout


def test_the_workers_of_a_run_replay_as_well(recorded: Path) -> None:
    arguments = ("--env", "replay", "--cassettes", "mine", "--case", CASE, "--workers", "2")
    assert run(recorded, "run", *arguments).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--env", "testnet"), "set CONFORMANCE_BINANCE_USDM_KEY and CONFORMANCE_BINANCE"),
        (("record", "--env", "testnet", "--serve"), "needs a key of its own"),
        (("record", "--env", "replay"), "cannot be recorded from a tape"),
        (("run", "--env", "replay", "--cassettes", "."), "there are no tapes of"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "hint: " in done.stderr


def test_a_served_tap_introduces_itself_records_and_ends_when_told(tmp_path: Path) -> None:
    arguments = command("record", "--serve", "--cassettes", "mine")
    with subprocess.Popen(
        arguments, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        told: Any = json.loads(process.stdout.readline())
        [key] = told["credentials"]
        headers = {"X-MBX-APIKEY": key["key"]}
        reply = httpx.post(f"{told['rest']}/fapi/v1/listenKey", headers=headers)
        assert reply.status_code == 200
        listen_key = reply.json()["listenKey"]
        with httpx.Client(proxy=told["proxy"], verify=_trusting(told["ca_file"])) as client:
            assert client.get("https://fapi.binance.com/fapi/v1/ping").json() == {}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    text = (tmp_path / told["tape"]).read_text()
    kinds = [json.loads(line)["kind"] for line in text.splitlines()]
    assert kinds == ["tape", "request", "reply", "request", "reply"]
    assert [secret for secret in (key["key"], key["secret"], listen_key) if secret in text] == []


def _trusting(ca_file: str) -> Any:

    return ssl.create_default_context(cafile=ca_file)
