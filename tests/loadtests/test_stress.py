"""Stress runs through real processes: locust's users, the adapter's swarm, and their ends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("hdrh")
pytest.importorskip("psutil")

import psutil

from conformance.evidence.trend import Growth
from conformance.load import verdict
from conformance.load.drive import Staff, carry_out
from conformance.load.plan import Plan
from conformance.load.record import ADAPTER, LOCUST, Record
from conformance.load.verdict import Bounds

ROOT = Path(__file__).parents[2]
REFERENCE = "conformance.load.compact:reference"
HOARDS = {
    "sockets": "HoardsSockets",
    "tasks": "HoardsTasks",
    "futures": "HoardsFutures",
    "rss_kib": "HoardsMemory",
    "threads": "HoardsThreads",
}


def plan(**more: object) -> Plan:
    return Plan(
        **{"venue": "binance_usdm", "bots": 3, "rate": 30.0, "duration_s": 1.0, "run": "t", **more}
    )


async def drive(
    tmp_path: Path,
    planned: Plan,
    *,
    over: asyncio.Event | None = None,
    progress: Callable[[Record], None] = lambda _record: None,
    **more: object,
) -> Record:
    staff = Staff(
        log=tmp_path / "processes.log", **{"drive": ADAPTER, "adapter": REFERENCE, **more}
    )
    return await carry_out(planned, staff, over=over or asyncio.Event(), progress=progress)


def told(record: Record, name: str) -> str:
    return next(
        claim.verdict.value
        for claim in verdict.claims(record, Bounds())
        if claim.name.startswith(name)
    )


def kill(word: str) -> None:
    """Kill the first child process of ours whose command line has this word."""
    for child in psutil.Process().children(recursive=True):
        if word in child.cmdline():
            child.kill()
            return


def test_the_command_lets_locust_and_the_adapter_trade_and_writes_every_report(tmp_path: Path):
    command = [sys.executable, "-c", "from conformance.cli.main import main; main()", "stress"]
    asked = ["--venue", "binance_usdm", "--bots", "1", "--rate", "30", "--duration", "1s"]
    done = subprocess.run(
        [*command, *asked, "--errors", "0", "--report", tmp_path / "out", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout)
    for each in document["drives"]:
        assert each["corrected"]["total"] == 30, done.stderr
        assert each["kinds"] == {"accepted": 30}
        assert each["ledger"]["acknowledged"] == each["ledger"]["held"] == 12
        assert each["ledger"]["problems"] == []
        assert each["violations"] == 0
    assert [each["drive"] for each in document["drives"]] == [LOCUST, ADAPTER]
    assert json.loads((tmp_path / "out" / "stress.json").read_text()) == document
    page = (tmp_path / "out" / "stress.html").read_text()
    assert page.count("<svg") >= 8
    assert "src=" not in page
    assert ET.parse(tmp_path / "out" / "junit.xml").findall("testsuite/testcase")
    metrics = json.loads((tmp_path / "out" / "allure-results" / "performance.json").read_text())
    assert {"id", "key", "value"} <= set(metrics[0])


def test_two_workers_do_what_one_process_does(tmp_path: Path):
    planned = plan(bots=5)

    async def both() -> list[Record]:
        return [await drive(tmp_path, planned, drive=LOCUST, workers=n) for n in (1, 2)]

    one, two = asyncio.run(both())
    assert one.troubles == two.troubles == []
    assert one.audit is not None
    assert one.audit == two.audit
    assert set(one.ledger.orders) == set(two.ledger.orders)
    fates = [{e.client_id: e.fate for e in each.ledger.orders.values()} for each in (one, two)]
    assert fates[0] == fates[1]
    for name in ("corrected", "raw"):
        totals = [each.latencies(name).total for each in (one, two)]
        assert totals == [150, 150]
        assert two.latencies(name).hdr().get_total_count() == 150


@pytest.mark.parametrize(
    ("who", "word"),
    [(LOCUST, "--worker"), (ADAPTER, "conformance.load.venue")],
    ids=["a worker", "the venue"],
)
def test_a_process_that_dies_is_told_and_not_averaged_away(tmp_path: Path, who: str, word: str):
    killed = asyncio.Event()

    def strike(record: Record) -> None:
        if record.seconds and not killed.is_set():
            killed.set()
            kill(word)

    planned = plan(bots=2, duration_s=30.0)
    record = asyncio.run(drive(tmp_path, planned, drive=who, workers=2, progress=strike))
    assert not record.complete
    assert any("worker" in each or "venue died" in each for each in record.troubles)
    assert verdict.outcome(verdict.claims(record, Bounds())) == 3


@pytest.mark.parametrize("who", [LOCUST, ADAPTER])
def test_a_run_that_is_ended_early_still_accounts_for_every_order(tmp_path: Path, who: str):
    over = asyncio.Event()

    def enough(record: Record) -> None:
        if record.messages > 20:
            over.set()

    planned = plan(duration_s=60.0)
    record = asyncio.run(drive(tmp_path, planned, drive=who, over=over, progress=enough))
    assert record.cut
    assert record.troubles == []
    assert record.messages > 20
    assert record.audit is not None
    assert record.audit.sound, record.audit
    assert told(record, "every bot") == "unclear"


def test_five_kinds_of_leaks_are_found_and_the_reference_is_not_accused(tmp_path: Path):
    planned = plan(bots=1, duration_s=5.0)
    subjects = {name: f"conformance.mutants.hoarding:{each}" for name, each in HOARDS.items()}

    async def every() -> list[Record]:
        runs = [REFERENCE, *subjects.values()]
        return await asyncio.gather(*(drive(tmp_path, planned, adapter=each) for each in runs))

    reference, *leaking = asyncio.run(every())
    (growths,) = verdict.growths(reference).values()
    assert [name for name, each in growths.items() if each.growth is Growth.LEAK] == []
    for name, record in zip(subjects, leaking, strict=True):
        (growths,) = verdict.growths(record).values()
        assert growths[name].growth is Growth.LEAK, (name, growths[name])
        assert growths[name].low > growths[name].tolerated


@pytest.mark.parametrize(
    ("adapter", "expected"),
    [(REFERENCE, "pass"), ("conformance.mutants.deafened:SilenceNotKept", "fail")],
    ids=["the reference", "one that does not listen"],
)
def test_a_storm_shows_who_is_silent_when_asked(tmp_path: Path, adapter: str, expected: str):
    planned = plan(profile="storm", duration_s=5.0)
    record = asyncio.run(drive(tmp_path, planned, adapter=adapter))
    assert record.told_silence == 3
    assert told(record, "whoever is asked") == expected
    assert record.audit is not None
    assert record.audit.sound


def locust(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    file = ROOT / "loadtests" / "locustfile.py"
    common = ["--headless", "-u", "1", "--loglevel", "WARNING"]
    return subprocess.run(
        [sys.executable, "-m", "locust", "-f", file, *common, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_foreign_host_given_by_hand_is_refused_before_a_byte_leaves():
    done = locust("--host", "https://fapi.binance.com")
    assert done.returncode == 2
    assert "refused: it is neither loopback nor a listed test network" in done.stderr


def test_a_foreign_seat_is_refused_before_a_byte_leaves(tmp_path: Path):
    seat = {"rest": "https://fapi.binance.com", "streams": "wss://fstream.binance.com"}
    orders = {"plan": {"venue": "binance_usdm", "bots": 1}, "seats": [seat], "goods": []}
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(orders))
    done = locust(CONFORMANCE_LOAD=str(path))
    assert done.returncode == 2
    assert "refused" in done.stderr
