"""The run as Allure results: what Allure Report 2 and 3 both read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from hashlib import md5
from pathlib import Path
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

import orjson
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.types import Severity

from conformance.evidence import trace
from conformance.evidence.reading import CaseRun, Run
from conformance.evidence.telling import tell
from conformance.evidence.verdicts import Verdict

FOLDER = "allure-results"
STEPS_MAX = 60
EXCERPT = 12
"""How many events of the journal before and after the finding (or the end) are attached."""
STATUS: Mapping[Verdict, str] = {
    Verdict.PASS: Status.PASSED,
    Verdict.LAX: Status.PASSED,
    Verdict.FAIL: Status.FAILED,
    Verdict.UNREACHED: Status.BROKEN,
    Verdict.UNCLEAR: Status.BROKEN,
    Verdict.NOT_APPLICABLE: Status.SKIPPED,
    Verdict.WAIVED: Status.SKIPPED,
    Verdict.FLAKY: Status.FAILED,
}
SEVERITY: Mapping[int, Severity] = {
    1: Severity.BLOCKER,
    2: Severity.CRITICAL,
    3: Severity.NORMAL,
    4: Severity.MINOR,
    5: Severity.TRIVIAL,
}
CATEGORIES = (
    ("Broken claims", Status.FAILED, ".*"),
    ("Stimulus never struck", Status.BROKEN, "unreached.*"),
    ("Could not be judged", Status.BROKEN, "unclear.*"),
    ("Not applicable", Status.SKIPPED, "not-applicable.*"),
    ("Waived", Status.SKIPPED, "waived.*"),
)
"""Title, status, and what the message begins with."""


class _Logger(Protocol):
    """What is used of the untyped AllureFileLogger."""

    def report_result(self, result: TestResult) -> None: ...
    def report_attached_data(self, body: str | bytes, file_name: str) -> None: ...


def write(run: Run, folder: Path) -> Path:
    """Write one result for each case, and what describes the run, into ``folder``."""
    results = folder / FOLDER
    shutil.rmtree(results, ignore_errors=True)
    logger: _Logger = AllureFileLogger(results)  # type: ignore[no-untyped-call]
    for case in run.cases:
        logger.report_result(_result(run, case, logger))
    _describe(run, results)
    return results


def _result(run: Run, case: CaseRun, logger: _Logger) -> TestResult:
    begun = case.begun
    full_name = f"{begun['venue']}/{begun['id']}"
    result = TestResult(
        uuid=str(uuid5(NAMESPACE_URL, f"{case.key} {case.started_ms}")),
        testCaseId=_digest(full_name),
        historyId=_digest(case.key),
        fullName=full_name,
        titlePath=[begun["venue"], case.area],
        name=f"{case.name} {begun['title']}",
        status=STATUS[case.verdict],
        stage="finished",
        start=case.started_ms,
        stop=case.started_ms + round(case.duration_ms),
        description=_description(run, case),
        labels=list(_labels(case)),
        steps=list(_steps(case)),
        attachments=list(_attachments(case, logger)),
        parameters=list(_parameters(case)),
    )
    if case.verdict is not Verdict.PASS:
        told = tell(run, case) if not case.verdict.conforms else ""
        result.statusDetails = StatusDetails(message=f"{case.verdict}: {case.reason}", trace=told)
    return result


def _description(run: Run, case: CaseRun) -> str:
    lines = [str(case.begun["claim"]), f"**Source:** {case.begun['source']}"]
    lines.append(f"**Reproduce:** `{run.reproduce(case)}`")
    return "\n\n".join(lines)


def _labels(case: CaseRun) -> Iterator[Label]:
    begun = case.begun
    yield Label("epic", begun["venue"])
    yield Label("feature", begun["area_title"])
    yield Label("story", begun["id"])
    yield Label("parentSuite", begun["venue"])
    yield Label("suite", begun["area_title"])
    yield Label("severity", SEVERITY[begun["level"]].value)
    yield Label("tag", f"level-{begun['level']}")
    yield Label("as_id", case.key)
    yield Label("venue", begun["venue"])
    yield Label("framework", "conformance")
    yield Label("language", "python")


def _parameters(case: CaseRun) -> Iterator[Parameter]:
    yield Parameter("venue", case.begun["venue"])
    for pair in filter(None, str(case.begun["example"]).split(",")):
        name, _, value = pair.partition("=")
        yield Parameter(name, value)
    yield Parameter("seed", str(case.begun["seed"]), excluded=True)


def _steps(case: CaseRun) -> Iterator[TestStepResult]:
    """Yield the troubles, then what was asked with what was answered, then the finding.

    Answered requests last from asking to answer, by the clock of the world.
    """
    for trouble in case.troubles:
        yield _step(f"fault: {trouble}")
    replies = {event["n"]: event for event in case.wire if event["kind"] == "reply"}
    asked = [event for event in case.wire if event["kind"] == "request"]
    for request in asked[:STEPS_MAX]:
        reply = replies.get(request["n"])
        answer = f"{reply['status']} {reply.get('code', '')}".strip() if reply else "no answer"
        name = f"{request['operation']}: {request['method']} {request['path']} -> {answer}"
        times = {"start": request["at_ms"], "stop": reply["at_ms"]} if reply else {}
        yield _step(name, **times)
    if len(asked) > STEPS_MAX:
        yield _step(f"{len(asked) - STEPS_MAX} further requests")
    if case.finding is not None:
        yield _step(str(case.finding["claim"]), status=Status.FAILED)


def _step(name: str, *, status: str = Status.PASSED, **times: int) -> TestStepResult:
    return TestStepResult(name=name, status=status, stage="finished", **times)


def _attachments(case: CaseRun, logger: _Logger) -> Iterator[Attachment]:
    name = _digest(case.key)
    if case.wire:
        text = "\n".join(trace.whole(case))
        logger.report_attached_data(text, f"{name}-trace-attachment.txt")
        yield Attachment("wire trace", f"{name}-trace-attachment.txt", "text/plain")
    near = case.events.index(case.finding) if case.finding is not None else len(case.events)
    excerpt = [dict(event) for event in case.events[max(0, near - EXCERPT) : near + EXCERPT]]
    body = orjson.dumps(excerpt, option=orjson.OPT_INDENT_2)
    logger.report_attached_data(body, f"{name}-journal-attachment.json")
    yield Attachment("journal excerpt", f"{name}-journal-attachment.json", "application/json")


def _describe(run: Run, results: Path) -> None:
    begun = run.begun
    environment = {
        "adapter": begun["adapter"],
        "venues": " ".join(begun["venues"]),
        "seed": begun["seed"],
        "level": begun["level"],
        "conformance": begun["version"],
        "python": begun.get("python", ""),
        "platform": begun.get("platform", ""),
    }
    for oracle, told in zip(run.oracles, run.hearings, strict=True):
        environment[f"oracle.{oracle['venue']}.{oracle['name']}"] = told
    lines = "".join(f"{key}={value}\n" for key, value in environment.items())
    (results / "environment.properties").write_text(lines)
    executor = {"name": "conformance", "type": "conformance", "buildName": run.sentence}
    executor["reportName"] = f"Conformance of {begun['adapter']}"
    _json(results / "executor.json", executor)
    categories = [
        {"name": title, "matchedStatuses": [status], "messageRegex": message}
        for title, status, message in CATEGORIES
    ]
    _json(results / "categories.json", categories)


def _json(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def _digest(text: str) -> Any:  # noqa: ANN401 - the library is untyped
    return md5(text.encode(), usedforsecurity=False).hexdigest()
