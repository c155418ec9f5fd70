"""The rules of every run have rows of their own in every summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from conformance.evidence import junit, machine, markdown
from conformance.evidence.reading import gather
from conformance.evidence.telling import statement
from tests.evidence.events import BEGUN, CASE

BREACH = {"rule": "MON-02", "claim": "Rules hold", "expected": "x", "observed": "y", "detail": ""}
EVENTS: list[Any] = [
    {
        **BEGUN,
        "unproven": ["MON-03"],
        "monitors": {"MON-01": "One holds", "MON-02": "Two holds", "MON-03": "Three holds"},
    },
    {"kind": "case-started", **CASE},
    {"kind": "finding", "case": CASE["case"], **BREACH},
    {"kind": "watched", "case": CASE["case"], "tested": {"MON-01": 5, "MON-02": 1}, "broken": {}},
    {
        "kind": "case-finished",
        "case": CASE["case"],
        "verdict": "fail",
        "reason": "MON-02: Rules hold",
        "duration_ms": 1.0,
        "virtual_ms": 1,
    },
]


def test_the_summary_has_a_row_for_each_rule(tmp_path: Path) -> None:
    text = markdown.write(gather(EVENTS), tmp_path).read_text()
    assert "| MON-01 | One holds | 5 |  |" in text
    assert "| MON-02 | Two holds | 1 | ONE-01 |" in text
    assert "| MON-03 | Three holds | never |  |" in text
    assert "- MON-03 Three holds" in text


def test_the_machine_report_has_a_row_for_each_rule(tmp_path: Path) -> None:
    document = orjson.loads(machine.write(gather(EVENTS), tmp_path).read_bytes())
    assert document["rules"][1] == {
        "rule": "MON-02",
        "title": "Two holds",
        "tested": 1,
        "broken_in": ["venue/ONE-01"],
    }
    assert document["cases"][0]["broken_rules"][0]["observed"] == "y"


def test_junit_has_a_suite_of_the_rules(tmp_path: Path) -> None:
    root = ET.parse(junit.write(gather(EVENTS), tmp_path)).getroot()
    [suite] = [one for one in root if one.get("name") == "rules of every run"]
    counts = [suite.get(name) for name in ("tests", "failures", "skipped")]
    assert counts == ["3", "1", "1"]
    told = suite.find("testcase[2]/failure")
    assert told is not None
    assert told.get("message") == "broken in venue/ONE-01"


def test_rules_broken_beside_the_finding_are_told_after_it() -> None:
    own = {"claim": "It holds", "expected": "1", "observed": "2", "detail": ""}
    found = {"kind": "finding", "case": CASE["case"]}
    told = gather(
        [*EVENTS[:3], {**found, **own}, {**found, **BREACH, "rule": "MON-01"}, EVENTS[-1]]
    )
    text = "\n".join(statement(told.cases[0]))
    assert text.index("claim:    It holds") < text.index("MON-02 broken as well: Rules hold")
    assert text.index("MON-02 broken") < text.index("MON-01 broken as well: Rules hold")
    assert text.count("expected x, observed y") == 2
