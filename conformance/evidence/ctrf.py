"""The run in the Common Test Report Format (https://ctrf.io, specification 1.0.0)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from conformance.evidence.reading import CaseRun, Run
from conformance.evidence.telling import tell
from conformance.evidence.verdicts import Verdict

FILE = "ctrf.json"
STATUS: Mapping[Verdict, str] = {
    Verdict.PASS: "passed",
    Verdict.LAX: "passed",
    Verdict.FAIL: "failed",
    Verdict.UNREACHED: "failed",
    Verdict.UNCLEAR: "other",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.WAIVED: "skipped",
    Verdict.FLAKY: "failed",
}
"""CTRF knows five words: passed, failed, skipped, pending, other."""


def write(run: Run, folder: Path) -> Path:
    """Write the document into ``folder``."""
    statuses = Counter(STATUS[case.verdict] for case in run.cases)
    start = int(run.begun["started_ms"])
    stop = max([start, *(case.started_ms + round(case.duration_ms) for case in run.cases)])
    summary: dict[str, Any] = {"tests": len(run.cases), "start": start, "stop": stop}
    summary |= {
        word: statuses[word] for word in ("passed", "failed", "pending", "skipped", "other")
    }
    document = {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "generatedBy": "exchange-conformance",
        "results": {
            "tool": {"name": "conformance", "version": run.begun["version"] or "unknown"},
            "summary": summary,
            "tests": [_test(run, case) for case in run.cases],
            "extra": {"adapter": run.begun["adapter"], "seed": run.begun["seed"]},
        },
    }
    path = folder / FILE
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    return path


def _test(run: Run, case: CaseRun) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{case.begun['venue']}/{case.name}",
        "status": STATUS[case.verdict],
        "rawStatus": case.verdict.value,
        "duration": round(case.duration_ms),
        "start": case.started_ms,
        "suite": [case.begun["venue"], case.area],
        "tags": [case.begun["area"], f"level-{case.begun['level']}"],
    }
    if case.reason:
        test["message"] = case.reason
    if not case.verdict.conforms:
        test["trace"] = tell(run, case)
    return test
