"""The run as JUnit XML (the xunit2 shape), one suite for each venue and area."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.evidence.reading import CaseRun, Run
from conformance.evidence.telling import tell
from conformance.evidence.verdicts import Verdict

FILE = "junit.xml"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say (https://www.w3.org/TR/xml/#charsets, 2008-11-26)."""


def write(run: Run, folder: Path) -> Path:
    """Write the XML into ``folder``."""
    root = ET.Element("testsuites", name="conformance")
    suites: dict[tuple[str, str], list[CaseRun]] = {}
    for case in run.cases:
        suites.setdefault((case.begun["venue"], case.area), []).append(case)
    for (venue, area), cases in suites.items():
        root.append(_suite(run, f"{venue} {area}", cases))
    if run.rules:
        root.append(_rules(run))
    if run.errors:
        root.append(_tool(run))
    path = folder / FILE
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(run: Run, name: str, cases: Sequence[CaseRun]) -> ET.Element:
    started = datetime.fromtimestamp(cases[0].started_ms / 1000, UTC)
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(_failed(case) for case in cases)),
        errors=str(sum(case.verdict is Verdict.UNCLEAR for case in cases)),
        skipped=str(sum(not case.verdict.judged for case in cases)),
        time=_seconds(sum(case.duration_ms for case in cases)),
        timestamp=started.isoformat(timespec="seconds"),
    )
    for case in cases:
        suite.append(_case(run, case))
    return suite


def _case(run: Run, case: CaseRun) -> ET.Element:
    element = ET.Element(
        "testcase",
        classname=f"{case.begun['venue']}.{case.begun['area']}",
        name=f"{case.name} {case.begun['title']}",
        time=_seconds(case.duration_ms),
    )
    if not case.verdict.judged:
        ET.SubElement(element, "skipped", message=_legal(case.reason))
    elif not case.verdict.conforms:
        kind = "error" if case.verdict is Verdict.UNCLEAR else "failure"
        told = ET.SubElement(element, kind, type=case.verdict, message=_legal(case.reason))
        told.text = _legal(tell(run, case))
    return element


def _rules(run: Run) -> ET.Element:
    """Return a suite with the rules that were watched on every run."""
    suite = ET.Element(
        "testsuite",
        name="rules of every run",
        tests=str(len(run.rules)),
        failures=str(sum(bool(row.broken) for row in run.rules)),
        errors="0",
        skipped=str(sum(not row.tested for row in run.rules)),
    )
    for row in run.rules:
        case = ET.SubElement(
            suite, "testcase", classname="rules.MON", name=f"{row.rule} {row.title}"
        )
        if row.broken:
            where = ", ".join(one.key for one in row.broken)
            ET.SubElement(case, "failure", type="rule", message=_legal(f"broken in {where}"))
        elif not row.tested:
            ET.SubElement(case, "skipped", message="never put to the test")
    return suite


def _tool(run: Run) -> ET.Element:
    """Return a suite that says where the tool itself failed."""
    count = str(len(run.errors))
    suite = ET.Element("testsuite", name="tool", tests=count, failures="0", errors=count)
    for event in run.errors:
        case = ET.SubElement(suite, "testcase", classname="tool", name=event.get("case", "run"))
        ET.SubElement(case, "error", type="tool-error", message=_legal(event["text"]))
    return suite


def _failed(case: CaseRun) -> bool:
    return not case.verdict.conforms and case.verdict is not Verdict.UNCLEAR


def _seconds(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.3f}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
