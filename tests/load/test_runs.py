"""What a stress command asks for is checked before anything starts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("hdrh")

from conformance.errors import ConformanceError, UsageError
from conformance.load import drive, runs
from conformance.load.drive import Staff, started
from conformance.load.record import ADAPTER, LOCUST

ASKED: dict[str, Any] = {
    "venue": "binance_usdm",
    "bots": 3,
    "symbols": 1,
    "rate": "20",
    "duration": "2s",
    "profile": "market-maker",
    "drive": "both",
    "adapter": "conformance.load.compact:reference",
    "workers": 8,
    "steps": 1,
    "growth": 10.0,
    "listen": False,
    "lifted": False,
    "errors": 0.001,
    "p99": 0.0,
    "master": False,
    "master_host": "127.0.0.1",
    "master_port": 5557,
    "report": "reports/stress",
}


def test_a_command_is_understood():
    asked = runs.resolve(ASKED)
    assert asked.drives == (LOCUST, ADAPTER)
    assert asked.workers == 3
    assert (asked.plan.rate, asked.plan.duration_s, asked.plan.gap_s) == (20, 2, 0)
    assert runs.resolve(ASKED | {"rate": "max"}).plan.gap_s > 0
    assert runs.resolve(ASKED | {"rate": "max", "profile": "burst"}).plan.gap_s == 0
    assert runs.resolve(ASKED | {"drive": "adapter"}).drives == (ADAPTER,)


def test_a_master_waits_for_locusts_of_other_machines():
    asked = runs.resolve(ASKED | {"master": True})
    assert asked.drives == (LOCUST,)
    assert asked.open_at == ("127.0.0.1", 5557)


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"profile": "market-makr"}, "did you mean market-maker"),
        ({"symbols": 10_000}, "ask for fewer"),
        ({"growth": 0.5}, "give 1 or more"),
        ({"growth": float("nan")}, "give 1 or more"),
        ({"errors": -1.0}, "0 or above"),
        ({"p99": float("inf")}, "0 or above"),
        ({"rate": "99999999"}, "at most"),
        ({"rate": "quick"}, "2x:FILE"),
        ({"duration": "long"}, "500ms"),
        ({"venue": "binance_usd"}, "binance_usdm"),
        ({"adapter": "nowhere:Client"}, "importable"),
    ],
)
def test_nonsense_is_refused_with_a_hint(more: dict[str, Any], hint: str):
    with pytest.raises(UsageError, match=hint):
        runs.resolve(ASKED | more)


def test_without_locust_the_mend_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drive, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'exchange-conformance\[load\]'"):
        runs.resolve(ASKED)
    assert runs.resolve(ASKED | {"drive": "adapter"}).drives == (ADAPTER,)


def heard(tmp_path: Path, program: str, kind: str) -> dict[str, Any]:
    async def listen() -> dict[str, Any]:
        staff = Staff(log=tmp_path / "log")
        async with started("the child", ["-c", program], staff) as child:
            return await child.heard(kind)

    return asyncio.run(listen())


def test_a_child_is_heard_line_by_line_whatever_else_it_prints(tmp_path: Path):
    program = """print('noise'); print('{"kind": "ready", "n": 7}', flush=True); open(0).read()"""
    assert heard(tmp_path, program, "ready") == {"kind": "ready", "n": 7}


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("1 / 0", "the child ended before it was ready"),
        ("""print('{"kind": "trouble", "text": "no bed"}')""", "the child: no bed"),
    ],
)
def test_a_child_that_fails_is_an_error_that_says_who(tmp_path: Path, program: str, told: str):
    with pytest.raises(ConformanceError, match=told):
        heard(tmp_path, program, "ready")
