"""The reports of a stress run: JSON for machines, a page for people, JUnit, Allure, and words."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import orjson

from conformance import __version__
from conformance.evidence.verdicts import Verdict
from conformance.load import page, verdict
from conformance.load.histogram import Summary
from conformance.load.record import Record
from conformance.load.verdict import Claim

if TYPE_CHECKING:
    from conformance.load.runs import Asked

FORMAT = "conformance-stress/1"
JSON, PAGE, JUNIT, ALLURE = "stress.json", "stress.html", "junit.xml", "allure-results"
METRICS = ("p50", "p90", "p99", "p999", "greatest")
OUTCOMES = {0: "The run conforms.", 1: "The run has findings.", 3: "The run could not be judged."}


def write(records: Sequence[Record], asked: Asked) -> dict[str, Any]:
    """Write every report into the folder that was asked for; return the document."""
    judged = [(record, verdict.claims(record, asked.bounds)) for record in records]
    codes = [verdict.outcome(found) for _, found in judged]
    code = 1 if 1 in codes else max(codes, default=3)
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "machine": f"{platform.platform()}, {platform.python_implementation()} "
        f"{platform.python_version()}",
        "exit_code": code,
        "outcome": OUTCOMES[code],
        "drives": [_drive(record, found) for record, found in judged],
    }
    folder = asked.report
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    pictures = [page.pictures(record) for record in records]
    (folder / PAGE).write_text(page.page(told, pictures), encoding="utf-8")
    _junit(told, folder / JUNIT)
    _allure(told, pictures, folder / ALLURE)
    return told


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Say the outcome in words."""
    for drive in told["drives"]:
        plan = drive["plan"]
        yield ""
        yield (
            f"{drive['drive']}: {plan['bots']} bots at {plan['venue']}, {plan['profile']}, "
            f"{plan['rate']:.1f} messages/s each, {plan['duration_s']:g} s"
        )
        yield f"  {'':10}{'count':>9}{'p50':>9}{'p90':>9}{'p99':>9}{'p99.9':>9}{'max':>9}  ms"
        for name in ("corrected", "uncorrected"):
            row = drive[name]
            figures = "".join(f"{row[metric] / 1000:9.2f}" for metric in METRICS)
            yield f"  {name:11}{row['total']:8d}{figures}"
        yield f"  answers   {_counts(drive['statuses'])}; outcomes {_counts(drive['kinds'])}"
        if drive["codes"]:
            yield f"  refusals  {_counts(drive['codes'])}"
        if drive["frames"]:
            yield f"  streams    {drive['frames']} messages"
        if drive["knee"]:
            yield f"  knee      {drive['knee']['answered']:.0f} messages/s"
        for claim in drive["claims"]:
            yield f"  {claim['verdict']:15}{claim['name']}: {claim['told']}"
    yield ""
    yield str(told["outcome"])


def _drive(record: Record, found: Sequence[Claim]) -> dict[str, Any]:
    plan = record.plan
    ramp = verdict.steps(record) if plan.steps > 1 else []
    knee = verdict.knee(ramp) if ramp else None
    audit = record.audit
    return {
        "drive": record.drive,
        "adapter": record.subject,
        "complete": record.complete,
        "plan": {name: getattr(plan, name) for name in plan.__slots__},
        "corrected": _summary(record.latencies("corrected").summary()),
        "uncorrected": _summary(record.latencies("raw").summary()),
        "generator_lag": _summary(record.latencies("lag").summary()),
        "histograms": {
            name: record.latencies(name).encoded() for name in ("corrected", "raw", "lag")
        },
        "statuses": dict(_venue_statuses(record)),
        "kinds": dict(record.counts("kinds")),
        "codes": dict(record.counts("codes")),
        "frames": record.frames,
        "withheld": record.withheld,
        "violations": record.violations,
        "ledger": audit._asdict() if audit else None,
        "steps": [
            {"offered": s.offered, "answered": s.answered, **_summary(s.corrected)} for s in ramp
        ],
        "knee": {"offered": knee.offered, "answered": knee.answered} if knee else None,
        "growth": {
            process: {name: {**t._asdict(), "growth": t.growth} for name, t in each.items()}
            for process, each in verdict.growths(record).items()
        },
        "claims": [claim._asdict() for claim in found],
    }


def _venue_statuses(record: Record) -> dict[str, int]:
    total: dict[str, int] = {}
    for second in record.venue_seconds[record.venue_begun :]:
        for status, count in second["statuses"].items():
            total[status] = total.get(status, 0) + count
    return total


def _summary(summary: Summary) -> dict[str, int]:
    return summary._asdict()


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def _junit(told: Mapping[str, Any], path: Path) -> None:
    root = ET.Element("testsuites", name="conformance stress")
    for drive in told["drives"]:
        claims = drive["claims"]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=f"{drive['plan']['venue']} {drive['drive']}",
            tests=str(len(claims)),
            failures=str(sum(claim["verdict"] is Verdict.FAIL for claim in claims)),
            errors=str(sum(claim["verdict"] in _OPEN for claim in claims)),
            skipped=str(sum(claim["verdict"] is Verdict.NOT_APPLICABLE for claim in claims)),
            time=f"{drive['plan']['duration_s']:.3f}",
        )
        for claim in claims:
            case = ET.SubElement(
                suite, "testcase", classname=f"stress.{drive['drive']}", name=claim["name"]
            )
            kind = _JUNIT.get(claim["verdict"])
            if kind:
                ET.SubElement(case, kind, message=claim["told"])
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


_OPEN = (Verdict.UNCLEAR, Verdict.UNREACHED)
_JUNIT = {
    Verdict.FAIL: "failure",
    Verdict.UNCLEAR: "error",
    Verdict.UNREACHED: "error",
    Verdict.NOT_APPLICABLE: "skipped",
}
_ALLURE = {
    Verdict.FAIL: "failed",
    Verdict.UNCLEAR: "broken",
    Verdict.UNREACHED: "broken",
    Verdict.NOT_APPLICABLE: "skipped",
}


def _allure(told: Mapping[str, Any], pictures: Sequence[Mapping[str, str]], results: Path) -> None:
    """Write one result a claim, the pictures with the first, and the metrics of the run."""
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    metrics = []
    for drive, drawn in zip(told["drives"], pictures, strict=True):
        label = f"{drive['plan']['venue']}.{drive['drive']}"
        metrics += [
            {"id": f"{label}.{name}.{metric}", "key": f"{name}.{metric}_us", "value": value}
            for name in ("corrected", "uncorrected")
            for metric, value in drive[name].items()
        ]
        attached = []
        for name, picture in drawn.items():
            file = f"{_digest(label + name)}-attachment.svg"
            (results / file).write_text(picture, encoding="utf-8")
            attached.append({"name": name, "source": file, "type": "image/svg+xml"})
        for number, claim in enumerate(drive["claims"]):
            attachments = [] if number else attached
            result = _allure_result(label, drive, claim, attachments)
            name = f"{_digest(label + claim['name'])}-result.json"
            (results / name).write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    (results / "performance.json").write_bytes(orjson.dumps(metrics, option=orjson.OPT_INDENT_2))


def _allure_result(
    label: str,
    drive: Mapping[str, Any],
    claim: Mapping[str, Any],
    attachments: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    digest = _digest(label + claim["name"])
    return {
        "uuid": digest,
        "historyId": digest,
        "testCaseId": digest,
        "fullName": f"{label}: {claim['name']}",
        "name": claim["name"],
        "status": _ALLURE.get(claim["verdict"], "passed"),
        "statusDetails": {"message": f"{claim['verdict']}: {claim['told']}"},
        "stage": "finished",
        "labels": [
            {"name": "epic", "value": drive["plan"]["venue"]},
            {"name": "feature", "value": "Stress and leaks"},
            {"name": "story", "value": drive["drive"]},
            {"name": "framework", "value": "conformance"},
        ],
        "attachments": list(attachments),
    }


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
