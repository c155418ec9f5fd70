"""A run is judged claim by claim, and what cannot be judged is not called a success."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("hdrh")

from conformance.load import page, report, verdict
from conformance.load.ledger import Audit, Entry, Fate
from conformance.load.plan import Plan
from conformance.load.record import ADAPTER, LOCUST, Record
from conformance.load.runs import Asked
from conformance.load.tally import Second, Tally
from conformance.load.verdict import Bounds
from conformance.model.categories import Category
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown, Rejected

DONE: Outcome[object] = Accepted(None)
SOUND = Audit(20, 0, 0, 20, ())
NAMES = {
    "every bot": "every bot comes to the end of its plan",
    "limit": "no published limit is exceeded",
    "order": "every order is accounted for",
    "errors": "at most 0.10% of the messages fail",
    "generator": "the generator is not saturated",
}


def run(drive: str = LOCUST, *, outcome: Outcome[object] = DONE, **plan: object) -> Record:
    planned = Plan(**{"venue": "binance_usdm", "bots": 2, "rate": 5.0, "duration_s": 4.0, **plan})
    record = Record(planned, drive)
    tally = Tally()
    for bot in range(planned.bots):
        for arrival in planned.arrivals(bot):
            at = arrival.at_s
            tally.answered(at, at + 0.001, at + 0.004, status="200", outcome=outcome)
            tally.second(at).lag.record(700)
    record.take("local", {"kind": "tally", **tally.drain()})
    record.audit = SOUND
    return record


def verdicts(record: Record, bounds: Bounds | None = None) -> dict[str, str]:
    found = verdict.claims(record, bounds or Bounds())
    return {claim.name: claim.verdict.value for claim in found}


def code(record: Record) -> int:
    return verdict.outcome(verdict.claims(record, Bounds()))


def test_a_sound_run_conforms():
    assert set(verdicts(run()).values()) == {"pass"}
    assert code(run()) == 0


def trouble(record: Record) -> None:
    record.troubles.append("a worker is gone")


def cut(record: Record) -> None:
    record.cut = True


def violate(record: Record) -> None:
    record.violations = 3


def lose(record: Record) -> None:
    record.audit = SOUND._replace(problems=("1 lost",))


def silence_the_venue(record: Record) -> None:
    record.audit = None


def lag(record: Record) -> None:
    for second in record.seconds.values():
        second.lag.record(900_000)


@pytest.mark.parametrize(
    ("harm", "claim", "expected", "exit_code"),
    [
        (trouble, "every bot", "unclear", 3),
        (cut, "every bot", "unclear", 3),
        (violate, "limit", "fail", 1),
        (lose, "order", "fail", 1),
        (silence_the_venue, "order", "unclear", 3),
        (silence_the_venue, "limit", "unclear", 3),
        (lag, "generator", "unclear", 3),
    ],
)
def test_what_goes_wrong_is_judged_as_what_it_is(
    harm: Callable[[Record], None], claim: str, expected: str, exit_code: int
):
    record = run()
    harm(record)
    assert verdicts(record)[NAMES[claim]] == expected
    assert code(record) == exit_code


@pytest.mark.parametrize(
    "outcome", [Rejected(Category.STATE, "-1", "no"), OutcomeUnknown("lost")], ids=str
)
def test_the_error_budget_counts_whatever_is_not_accepted(outcome: Outcome[object]):
    assert verdicts(run(outcome=outcome))[NAMES["errors"]] == "fail"


def test_a_run_in_which_nothing_was_sent_proves_nothing():
    empty = Record(run().plan, LOCUST, audit=SOUND)
    assert verdicts(empty)[NAMES["errors"]] == "unreached"
    assert code(empty) == 3


def test_messages_that_were_not_sent_in_time_saturate_the_generator():
    record = run()
    del record.seconds[max(record.seconds)]
    assert verdicts(record)[NAMES["generator"]] == "unclear"


def test_a_bound_of_the_corrected_percentile_is_kept_or_not():
    name = "the corrected p99 is at most {} ms"
    assert verdicts(run(), Bounds(p99_ms_max=5))[name.format(5)] == "pass"
    assert verdicts(run(), Bounds(p99_ms_max=2))[name.format(2)] == "fail"


def test_lifted_limits_are_not_judged():
    record = run()
    violate(record)
    assert verdicts(record, Bounds(lifted=True))[NAMES["limit"]] == "not-applicable"


@pytest.mark.parametrize(
    ("told", "noise", "expected"), [(2, 0, "pass"), (2, 5, "fail"), (0, 0, "unreached")]
)
def test_a_storm_is_judged_by_the_silence_that_follows(told: int, noise: int, expected: str):
    record = run(profile="storm")
    record.storm, record.told_silence, record.noise = (1.0, 2.0), told, noise
    assert verdicts(record)["whoever is asked for silence is silent"] == expected


def sampled(growth: Callable[[float], float], samples: int = 80) -> Record:
    record = run(ADAPTER)
    rows = [{"at_s": n / 20, "sockets": growth(n / 20)} for n in range(samples)]
    record.samples = {"process 0": rows}
    return record


@pytest.mark.parametrize(
    ("growth", "samples", "expected"),
    [(lambda s: 9.0, 80, "pass"), (lambda s: 9 + 10 * s, 80, "fail"), (lambda s: s, 9, "lax")],
    ids=["steady", "a leak", "too short"],
)
def test_growth_is_a_finding_when_it_is_proven(
    growth: Callable[[float], float], samples: int, expected: str
):
    assert verdicts(sampled(growth, samples))["sockets do not grow"] == expected


def test_the_corrected_latency_is_never_below_the_uncorrected_one():
    record = run()
    corrected, raw = (record.latencies(name).summary() for name in ("corrected", "raw"))
    assert corrected.total == raw.total == 40
    assert corrected.p99 > raw.p99


def test_what_processes_tell_adds_up_in_any_order():
    parts = [
        {"kind": "tally", "seconds": {"0": run().seconds[0].plain()}, "orders": [["a", fate, "1"]]}
        for fate in (Fate.RESTING, Fate.ENDED)
    ]
    records = [Record(run().plan, LOCUST) for _ in range(2)]
    for record, rows in zip(records, (parts, parts[::-1]), strict=True):
        for row in rows:
            record.take("worker", row)
    one, other = records
    assert one.ledger.orders == other.ledger.orders == {"a": Entry("a", Fate.ENDED, "1")}
    assert one.seconds[0].plain() == other.seconds[0].plain()
    assert Second.of(one.seconds[0].plain()).plain() == one.seconds[0].plain()


def test_the_knee_is_the_last_step_before_throughput_gives_way():
    record = run(steps=4, growth=4.0)
    ramp = verdict.steps(record)
    assert [round(step.offered) for step in ramp] == [10, 20, 30, 40]
    assert verdict.knee(ramp) == ramp[-1]
    broken = [*ramp[:2], ramp[2]._replace(answered=12.0), ramp[3]]
    assert verdict.knee(broken) == ramp[1]
    late = [ramp[0], ramp[1]._replace(corrected=ramp[1].corrected._replace(p99=10**6))]
    assert verdict.knee(late) == ramp[0]


def test_every_report_tells_the_same_outcome(tmp_path: Path):
    record = sampled(lambda s: 9 + 10 * s)
    record.venue_seconds = [{"statuses": {"200": 10}}] * 4
    record.storm = (1.0, 2.0)
    asked = Asked(
        plan=record.plan,
        drives=(ADAPTER,),
        adapter="a:b",
        workers=1,
        bounds=Bounds(),
        report=tmp_path / "out",
    )
    told = report.write([record], asked)
    assert told["exit_code"] == 1
    assert told["outcome"] in "\n".join(report.lines(told))
    suites = ET.parse(tmp_path / "out" / report.JUNIT).findall("testsuite")
    assert [suite.get("failures") for suite in suites] == ["1"]
    assert "sockets do not grow" in (tmp_path / "out" / report.PAGE).read_text()
    results = [*(tmp_path / "out" / report.ALLURE).glob("*-result.json")]
    assert len(results) == len(told["drives"][0]["claims"])
    for picture in page.pictures(record).values():
        ET.fromstring(picture)


def test_a_run_that_was_ended_before_it_began_still_has_its_reports(tmp_path: Path):
    record = Record(run().plan, LOCUST, cut=True)
    asked = Asked(
        plan=record.plan, drives=(LOCUST,), adapter="", workers=1, bounds=Bounds(), report=tmp_path
    )
    assert report.write([record], asked)["exit_code"] == 3
    assert report.write([], asked)["exit_code"] == 3
