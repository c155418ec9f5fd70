"""Every report tells the same run, in its reader's terms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance.evidence import allure, ctrf, junit, machine, markdown, trace
from conformance.evidence.journal import part
from conformance.evidence.reading import Run, gather, load
from conformance.evidence.rendering import render
from conformance.evidence.telling import tell

BEGUN: dict[str, Any] = {
    "kind": "run-started",
    "schema": 1,
    "version": "0.1",
    "adapter": "my.client:make it",
    "seed": 7,
    "level": 4,
    "venues": ["v"],
    "folders": ["own cases"],
    "unproven": ["ORD-02", "ZZZ-09"],
    "started_ms": 1_000,
}


def begin(key: str, *, area: str = "ORD", title: str = "Order entry", level: int = 1) -> Any:
    name, _, example = key.partition("[")
    return {
        "kind": "case-started",
        "case": f"v/{key}",
        "id": name,
        "venue": "v",
        "example": example.rstrip("]"),
        "area": area,
        "area_title": title,
        "level": level,
        "title": f"Title of {name}",
        "claim": f"Claim of {name}.",
        "source": "sheet 4",
        "needs": ["place"],
        "seed": 7,
        "started_ms": 2_000,
    }


def end(key: str, verdict: str, reason: str = "") -> Any:
    ended = {"kind": "case-finished", "case": f"v/{key}", "verdict": verdict, "reason": reason}
    return ended | {"duration_ms": 1_500.0, "virtual_ms": 10}


def of(key: str, kind: str, **fields: Any) -> Any:
    return {"kind": kind, "case": f"v/{key}", **fields}


def call(key: str, n: int, at_ms: int = 100, status: int = 200) -> list[Any]:
    shared = {"n": n, "at_ms": at_ms, "headers": [], "body": ""}
    asked = {"operation": "place", "method": "POST", "path": "/order", "query": f"n={n}"}
    return [
        of(key, "request", **shared, **asked),
        of(
            key, "reply", **(shared | {"status": status, "body": f"answer {n}", "at_ms": at_ms + 5})
        ),
    ]


def frame(key: str, n: int, **more: Any) -> Any:
    fields = {"n": n, "at_ms": 200, "stream": 1, "inbound": False, "opcode": "text"}
    return of(key, "frame", **(fields | {"topic": "orders", "payload": "{}"} | more))


def stream(key: str, event: str, code: int | None = None) -> Any:
    fields = {"n": 1, "at_ms": 150, "stream": 1, "event": event, "path": "/ws", "private": True}
    return of(key, "stream", **fields, close_code=code)


ENDED = {"kind": "run-finished", "finished_ms": 1, "duration_ms": 1, "exit_code": 0}
BROKEN = "ORD-01[side=buy]"
EVENTS: Sequence[Any] = [
    BEGUN,
    begin(BROKEN),
    *call(BROKEN, 1),
    stream(BROKEN, "opened"),
    frame(BROKEN, 2),
    of(
        BROKEN,
        "finding",
        claim="the price is exact",
        expected="1.10\n(two lines)",
        observed="1.1 & <\x07>",
        detail="Traceback:\n  line",
    ),
    frame(BROKEN, 3, inbound=True, opcode="close", topic=None, payload="bye"),
    stream(BROKEN, "closed", 1000),
    of(BROKEN, "fault-armed", what="1 stall"),
    of(BROKEN, "fault-armed", what="2 stall"),
    of(BROKEN, "fault-delivered", what="2 stall", times=2),
    of(BROKEN, "fault-armed", what="3 mute"),
    of(BROKEN, "note", text="in the background: oh"),
    end(BROKEN, "fail", "the price is exact"),
    begin("ORD-02", level=2),
    *call("ORD-02", 1),
    end("ORD-02", "pass"),
    begin("ORD-03", level=3),
    end("ORD-03", "unreached", "never delivered: stall"),
    begin("OWN-01", area="OWN", title="OWN", level=4),
    end("OWN-01", "not-applicable", "the adapter does not offer amend"),
    begin("ORD-04", level=5),
]
"""A broken claim, a pass, an unreached one, one not applicable, and one cut short."""


def run(events: Sequence[Any] = EVENTS) -> Run:
    return gather(events)


def case(name: str, events: Sequence[Any] = EVENTS) -> Any:
    return next(one for one in run(events).cases if one.name == name)


def written(folder: Path, events: Sequence[Any] = EVENTS) -> Run:
    with part(folder, "main") as journal:
        for event in events:
            journal.write(**event)
    return render(folder)


def test_a_run_with_findings_says_so_in_a_sentence_and_a_code() -> None:
    assert run().sentence == "Does not conform: 3 of 4 judged stand against it"
    assert run().exit_code == 1


@pytest.mark.parametrize(
    ("events", "sentence", "code"),
    [
        ([BEGUN], "Nothing was judged", 3),
        ([BEGUN, begin("A"), end("A", "pass"), ENDED], "Conforms: 1 judged, none against it", 0),
        (
            [BEGUN, begin("A"), end("A", "pass")],
            "The run broke off: 1 judged until then, none against it",
            3,
        ),
        (
            [BEGUN, begin("A"), end("A", "fail")],
            "Does not conform: 1 of 1 judged stand against it",
            1,
        ),
        (
            [BEGUN, begin("A"), of("A", "tool-error", text="bad", hint="")],
            "The tool could not judge: it failed itself",
            3,
        ),
    ],
)
def test_the_sentence_and_the_code_agree(events: Any, sentence: str, code: int) -> None:
    assert (run(events).sentence, run(events).exit_code) == (sentence, code)


def test_a_case_that_was_cut_short_is_unclear_and_says_why() -> None:
    assert (case("ORD-04").verdict, case("ORD-04").reason) == (
        "unclear",
        "the run ended before the case did",
    )
    failed = case("A", [begin("A"), of("A", "tool-error", text="bad", hint="")])
    assert failed.reason == "the tool failed: bad"


def test_the_command_that_reproduces_a_case_is_fit_for_a_shell() -> None:
    assert run().reproduce(case(BROKEN)) == (
        "conformance run --venue v --case 'ORD-01[side=buy]' --seed 7 "
        "--adapter 'my.client:make it' --folder 'own cases'"
    )


def test_the_trace_is_relative_and_marks_the_finding_where_it_was_made() -> None:
    assert trace.around(case(BROKEN)) == [
        "  +0.000 s --> #1 place: POST /order?n=1",
        "  +0.005 s <-- #1 200 answer 1",
        "  +0.050 s === stream 1 opened /ws",
        "  +0.100 s <~~ #2 stream 1 orders: {}",
        "           !!! the price is exact",
        "  +0.100 s ~~> #3 stream 1 close: bye",
        "  +0.050 s === stream 1 closed with 1000 /ws",
    ]


def test_a_long_trace_shows_what_is_near_the_finding_and_counts_the_rest() -> None:
    finding = of("A", "finding", claim="it holds", expected="", observed="", detail="")
    many = [frame("A", n, payload="x" * 300) for n in range(40)]
    lines = trace.around(case("A", [begin("A"), *many[:30], finding, *many[30:]]))
    assert lines[0].strip() == "... 14 records, see journal.jsonl"
    assert lines[17].strip() == "!!! it holds"
    assert lines[-1].strip() == "... 6 records, see journal.jsonl"
    assert lines[1].endswith("x...")


def test_what_was_logged_stands_between_what_went_over_the_wire() -> None:
    told = of("A", "log", at_ms=201, level="WARNING", logger="client", text="hm")
    lines = trace.around(case("A", [begin("A"), frame("A", 1), told]))
    assert lines[1] == "  +0.001 s log WARNING client: hm"


def test_without_a_finding_the_trace_ends_with_the_last_record() -> None:
    lines = trace.around(case("A", [begin("A"), frame("A", 1), frame("A", 2)]))
    assert [line.split()[3] for line in lines] == ["#1", "#2"]


def test_a_whole_trace_keeps_both_ends_of_a_very_long_one() -> None:
    lines = trace.whole(case("A", [begin("A"), *(frame("A", n) for n in range(500))]))
    assert len(lines) == trace.WHOLE_MAX + 1
    assert lines[trace.WHOLE_MAX // 2].strip() == "... 300 records, see journal.jsonl"
    assert "#499 " in lines[-1]


def test_a_case_without_wire_says_so() -> None:
    assert trace.around(case("ORD-03")) == ["(nothing went over the wire)"]
    assert trace.whole(case("ORD-03")) == []


def test_a_failure_is_told_with_everything_needed_to_understand_it() -> None:
    lines = tell(run(), case(BROKEN)).splitlines()
    assert lines[0] == "v/ORD-01[side=buy]  Title of ORD-01"
    assert lines[1:6] == [
        "verdict:  fail",
        "claim:    the price is exact",
        "expected: 1.10",
        "          (two lines)",
        "observed: 1.1 & <\x07>",
    ]
    assert "fault:    stall armed 2 times, struck 2 times" in lines
    assert "fault:    mute armed once, never struck" in lines
    assert "note:     in the background: oh" in lines
    assert "      line" in lines
    assert lines[-1].startswith("reproduce: conformance run --venue v")


def test_what_a_finding_leaves_open_is_left_out() -> None:
    finding = of("A", "finding", claim="it holds", expected="", observed="no", detail="")
    told = tell(run(), case("A", [begin("A"), finding, end("A", "fail", "it holds")]))
    assert "observed: no" in told
    assert "expected" not in told
    assert "detail" not in told


def test_a_verdict_without_a_finding_is_told_with_its_reason() -> None:
    assert "reason:   never delivered: stall" in tell(run(), case("ORD-03"))


def test_the_machine_report_counts_and_details(tmp_path: Path) -> None:
    written(tmp_path)
    told = json.loads((tmp_path / machine.FILE).read_text())
    assert told["counts"] == {
        "fail": 1,
        "not-applicable": 1,
        "pass": 1,
        "unclear": 1,
        "unreached": 1,
    }
    assert told["exit_code"] == 1
    assert told["complete"] is False
    first = told["cases"][0]
    assert first["finding"]["claim"] == "the price is exact"
    assert "--seed 7" in first["reproduce"]
    assert "finding" not in told["cases"][1]
    assert "reproduce" not in told["cases"][1]


def test_junit_counts_what_it_holds_and_is_well_formed(tmp_path: Path) -> None:
    written(tmp_path, [*EVENTS, {"kind": "tool-error", "text": "bad", "hint": ""}])
    root = ET.parse(tmp_path / junit.FILE).getroot()
    suites = {suite.get("name"): suite for suite in root}
    entry = suites["v ORD Order entry"]
    assert {name: entry.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "2",
        "errors": "1",
        "skipped": "0",
    }
    assert len(entry.findall("testcase/failure")) == 2
    assert len(entry.findall("testcase/error")) == 1
    assert len(suites["v OWN"].findall("testcase/skipped")) == 1
    assert suites["tool"].find("testcase/error").get("message") == "bad"  # type: ignore[union-attr]
    assert "observed: 1.1 & <\ufffd>" in (entry.find("testcase/failure").text or "")  # type: ignore[union-attr]


def test_ctrf_has_what_its_schema_requires(tmp_path: Path) -> None:
    written(tmp_path)
    told = json.loads((tmp_path / ctrf.FILE).read_text())
    assert (told["reportFormat"], told["specVersion"]) == ("CTRF", "1.0.0")
    summary = told["results"]["summary"]
    assert summary == {
        "tests": 5,
        "passed": 1,
        "failed": 2,
        "pending": 0,
        "skipped": 1,
        "other": 1,
        "start": 1_000,
        "stop": 3_500,
    }
    for test in told["results"]["tests"]:
        assert {"name", "status", "duration"} <= test.keys()
    assert told["results"]["tests"][0]["message"] == "the price is exact"


def test_the_summary_holds_table_findings_and_what_was_not_shown(tmp_path: Path) -> None:
    written(tmp_path)
    text = (tmp_path / markdown.FILE).read_text()
    assert "**Does not conform: 3 of 4 judged stand against it.**" in text
    assert "the run did not come to its end" in text
    assert "| area | pass | fail | unreached | unclear | not-applicable |" in text
    assert "| ORD Order entry | 1 | 1 | 1 | 1 |  |" in text
    assert "| **all** | 1 | 1 | 1 | 1 | 1 |" in text
    assert "### v/ORD-01[side=buy]: Title of ORD-01" in text
    assert "- v/OWN-01 Title of OWN-01: the adapter does not offer amend" in text
    assert text.endswith("- ORD-02 Title of ORD-02\n")
    assert "ZZZ-09" not in text


def test_the_summary_of_a_complete_clean_run_is_short(tmp_path: Path) -> None:
    written(tmp_path, [BEGUN, begin("A"), end("A", "pass"), ENDED])
    text = (tmp_path / markdown.FILE).read_text()
    for absent in ("## Findings", "## Not applicable", "## Unproven", "did not come to its end"):
        assert absent not in text


def test_the_summary_of_nothing_and_of_a_failed_tool_is_still_written(tmp_path: Path) -> None:
    written(tmp_path, [{"kind": "tool-error", "text": "bad", "hint": ""}])
    text = (tmp_path / markdown.FILE).read_text()
    assert "## The tool failed" in text
    assert "| area |" in text


def results(folder: Path) -> dict[str, Any]:
    files = (folder / allure.FOLDER).glob("*-result.json")
    return {told["name"]: told for told in (json.loads(file.read_text()) for file in files)}


def test_allure_results_keep_their_identity_from_run_to_run(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        written(tmp_path / folder)
    one, two = results(tmp_path / "one"), results(tmp_path / "two")
    assert len(one) == 5
    identity = ("uuid", "historyId", "testCaseId", "fullName")
    assert {n: [r[i] for i in identity] for n, r in one.items()} == {
        n: [r[i] for i in identity] for n, r in two.items()
    }
    assert len({r["historyId"] for r in one.values()}) == 5


def test_an_allure_result_is_labelled_and_tells_the_finding(tmp_path: Path) -> None:
    written(tmp_path)
    told = results(tmp_path)["ORD-01[side=buy] Title of ORD-01"]
    labels = {label["name"]: label["value"] for label in told["labels"]}
    assert (labels["epic"], labels["feature"], labels["story"]) == ("v", "Order entry", "ORD-01")
    assert labels["severity"] == "blocker"
    assert told["status"] == "failed"
    assert told["statusDetails"]["message"] == "fail: the price is exact"
    assert "!!! the price is exact" in told["statusDetails"]["trace"]
    assert [step["name"] for step in told["steps"]] == [
        "fault: stall armed 2 times, struck 2 times",
        "fault: mute armed once, never struck",
        "place: POST /order -> 200",
        "the price is exact",
    ]
    assert {p["name"]: p["value"] for p in told["parameters"]} == {
        "venue": "v",
        "side": "buy",
        "seed": "7",
    }
    assert "**Source:** sheet 4" in told["description"]
    for attachment in told["attachments"]:
        assert (tmp_path / allure.FOLDER / attachment["source"]).stat().st_size > 0
    assert [a["name"] for a in told["attachments"]] == ["wire trace", "journal excerpt"]


def test_allure_statuses_follow_the_verdicts(tmp_path: Path) -> None:
    written(tmp_path)
    statuses = {name.split()[0]: told["status"] for name, told in results(tmp_path).items()}
    assert statuses == {
        "ORD-01[side=buy]": "failed",
        "ORD-02": "passed",
        "ORD-03": "broken",
        "ORD-04": "broken",
        "OWN-01": "skipped",
    }


def test_allure_learns_where_and_by_whom_the_run_was_made(tmp_path: Path) -> None:
    written(tmp_path)
    folder = tmp_path / allure.FOLDER
    assert "adapter=my.client:make it\n" in (folder / "environment.properties").read_text()
    assert json.loads((folder / "executor.json").read_text())["name"] == "conformance"
    assert len(json.loads((folder / "categories.json").read_text())) == 5


def test_many_requests_are_not_all_made_steps(tmp_path: Path) -> None:
    calls = [event for n in range(allure.STEPS_MAX + 2) for event in call("A", n)]
    lost = call("A", 999)[:1]
    written(tmp_path, [BEGUN, begin("A"), *lost, *calls, end("A", "pass")])
    steps = results(tmp_path)["A Title of A"]["steps"]
    assert steps[0]["name"] == "place: POST /order -> no answer"
    assert not {"start", "stop"} & {key for key, value in steps[0].items() if value is not None}
    assert steps[1]["stop"] - steps[1]["start"] == 5
    assert steps[-1]["name"] == "3 further requests"


def test_a_journal_read_back_tells_the_same_run(tmp_path: Path) -> None:
    told = written(tmp_path)
    again = load(tmp_path)
    assert [c.key for c in told.cases] == sorted(c.key for c in run().cases)
    assert again.counts == run().counts
