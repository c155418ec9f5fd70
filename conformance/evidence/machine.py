"""The run as one JSON document for machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from conformance.evidence import coverage
from conformance.evidence.reading import CaseRun, Run

FILE = "report.json"
FORMAT = "conformance-report/1"


def document(run: Run) -> dict[str, Any]:
    """Return the report: the outcome, the counts, every case; findings in full."""
    return {
        "format": FORMAT,
        "version": run.begun["version"],
        "adapter": run.begun["adapter"],
        "venues": list(run.begun["venues"]),
        "seed": run.begun["seed"],
        "level": run.begun["level"],
        "complete": run.ended is not None,
        "exit_code": run.exit_code,
        "outcome": run.sentence,
        "counts": {verdict.value: count for verdict, count in sorted(run.counts.items())},
        "cases": [_case(run, case) for case in run.cases],
        "rules": [
            {
                "rule": row.rule,
                "title": row.title,
                "tested": row.tested,
                "broken_in": [case.key for case in row.broken],
            }
            for row in run.rules
        ],
        "coverage": coverage.document(run),
        "oracles": [
            {n: oracle[n] for n in ("venue", "name", "title", "sdk", "version", "heard")}
            | {n: oracle[n] for n in ("reason", "hint", "required")}
            | {"told": told}
            for oracle, told in zip(run.oracles, run.hearings, strict=True)
        ],
        "unproven": list(run.begun["unproven"]),
        "tool_errors": [{"text": e["text"], "hint": e["hint"]} for e in run.errors],
    }


def write(run: Run, folder: Path) -> Path:
    """Write the report into ``folder``."""
    path = folder / FILE
    path.write_bytes(orjson.dumps(document(run), option=orjson.OPT_INDENT_2) + b"\n")
    return path


def _case(run: Run, case: CaseRun) -> dict[str, Any]:
    told: dict[str, Any] = {
        "case": case.begun["id"],
        "example": case.begun["example"],
        "venue": case.begun["venue"],
        "area": case.begun["area"],
        "level": case.begun["level"],
        "title": case.begun["title"],
        "source": case.begun["source"],
        "verdict": case.verdict.value,
        "reason": case.reason,
        "duration_ms": case.duration_ms,
        "virtual_ms": case.virtual_ms,
    }
    if case.finding is not None:
        told["finding"] = {n: case.finding[n] for n in ("claim", "expected", "observed")}
    if case.breaches:
        told["broken_rules"] = [
            {n: breach[n] for n in ("rule", "claim", "expected", "observed")}
            for breach in case.breaches
        ]
    if not case.verdict.conforms:
        told["reproduce"] = run.reproduce(case)
    return told
