"""Witnesses that were called, heard or not, stand in every summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.evidence import allure, markdown
from conformance.evidence.reading import Run, gather
from tests.evidence.events import BEGUN, CASE

PASSED = {"verdict": "pass", "reason": "", "duration_ms": 1.0, "virtual_ms": 1}
ENDED = {"kind": "run-finished", "finished_ms": 1, "duration_ms": 1, "exit_code": 0}


def oracle(name: str, **more: Any) -> Any:
    heard = {"title": name.title(), "sdk": "sdk", "version": "1.2", "heard": True}
    silent = {"reason": "", "hint": "", "required": False}
    event = {"kind": "oracle", "case": CASE["case"], "venue": "venue", "name": name}
    return {**event, **heard, **silent, **more}


def silent(name: str, **more: Any) -> Any:
    return oracle(name, heard=False, reason="no node", hint="install Node", **more)


def run(*oracles: Any) -> Run:
    finished = {"kind": "case-finished", "case": CASE["case"], **PASSED}
    return gather([BEGUN, {"kind": "case-started", **CASE}, *oracles, finished, ENDED])


@pytest.mark.parametrize(
    ("oracles", "code", "sentence"),
    [
        ([oracle("python")], 0, "Conforms: 1 judged, none against it"),
        ([silent("js")], 0, "Conforms: 1 judged, none against it"),
        (
            [oracle("python"), silent("js", required=True)],
            3,
            "The tool could not judge: not every oracle was heard",
        ),
    ],
    ids=["heard", "silent", "silent where it must be heard"],
)
def test_a_witness_that_must_be_heard_and_is_not_leaves_nothing_judged(
    oracles: Any, code: int, sentence: str
) -> None:
    told = run(*oracles)
    assert (told.exit_code, told.sentence) == (code, sentence)


def test_who_was_not_heard_is_never_told_as_heard(tmp_path: Path) -> None:
    told = run(oracle("python"), silent("js"), oracle("python"))
    assert told.hearings == ["heard: Python sdk 1.2", "not run: Js (no node)"]
    text = markdown.write(told, tmp_path).read_text()
    assert "- heard: Python sdk 1.2\n- **not run: Js (no node)**: install Node\n" in text
    allure.write(told, tmp_path)
    lines = (tmp_path / allure.FOLDER / "environment.properties").read_text()
    assert "oracle.venue.python=heard: Python sdk 1.2\n" in lines
    assert "oracle.venue.js=not run: Js (no node)\n" in lines
