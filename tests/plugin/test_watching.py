"""Monitors watch whatever case is running; what they find stands against the adapter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx import AsyncClient

from conformance import venues
from conformance.cases import Case, check
from conformance.client import ReferenceClient
from conformance.evidence.reading import gather
from conformance.evidence.telling import tell
from conformance.evidence.verdicts import Verdict
from conformance.model.wire import Operation
from conformance.plugin.running import CaseResult, run_case

VENUE = venues.load("binance_usdm")
BEGUN = {
    "kind": "run-started",
    "adapter": "a:B",
    "folders": [],
    "monitors": {"MON-11": "They exist"},
}


class Lost(ReferenceClient):
    """Asks for what does not exist, as often as it is told to."""

    async def stray(self) -> int:
        async with AsyncClient() as client:
            return (await client.get(f"{self.rest}/fapi/v1/nothing")).status_code


def made(endpoints: Any, credentials: Any) -> Lost:
    lost = Lost(endpoints, credentials)
    lost.rest = endpoints.rest
    return lost


def judged(body: Callable[..., Awaitable[None]]) -> tuple[CaseResult, Any]:
    case = Case(
        id="WAT-01",
        level=1,
        title="It holds",
        claim="",
        source="",
        needs=frozenset(),
        area="WAT",
        check=body,
        name="",
    )
    events: list[Any] = [BEGUN]

    def listen(kind: str, **fields: Any) -> None:
        events.append({"kind": kind, **fields})

    result = run_case(case, venue=VENUE, adapter_factory=made, listener=listen)
    return result, gather(events)


async def strays(adapter: Any, world: Any) -> None:
    assert await adapter.stray() == 404
    assert await adapter.stray() == 404


async def strays_and_fails(adapter: Any, world: Any) -> None:
    await adapter.stray()
    check(False, "the case holds", expected=1, observed=2)


def test_a_broken_rule_is_a_finding_of_the_case_at_hand() -> None:
    result, run = judged(strays)
    assert (result.verdict, result.broken) == (Verdict.FAIL, ("MON-11",))
    assert result.reason.startswith("MON-11: No request is addressed to an endpoint")
    [case] = run.cases
    assert case.finding["rule"] == "MON-11"
    assert case.finding["observed"] == "GET /fapi/v1/nothing"
    assert case.tested["MON-11"] > 2
    assert "rule:     MON-11" in tell(run, case)


def test_a_rule_broken_twice_is_told_once_and_counted() -> None:
    _, run = judged(strays)
    [case] = run.cases
    assert len(case.breaches) == 1
    [watched] = [event for event in case.events if event["kind"] == "watched"]
    assert watched["broken"] == {"MON-11": 2}


def test_the_finding_of_the_case_goes_before_those_of_rules() -> None:
    result, run = judged(strays_and_fails)
    assert (result.claim, result.broken) == ("the case holds", ("WAT-01", "MON-11"))
    [case] = run.cases
    assert case.finding["claim"] == "the case holds"
    assert [breach["rule"] for breach in case.others] == ["MON-11"]
    assert "MON-11 broken as well" in tell(run, case)


def test_a_run_tells_what_became_of_each_rule() -> None:
    _, run = judged(strays)
    [row] = run.rules
    assert (row.rule, row.title) == ("MON-11", "They exist")
    assert [case.key for case in row.broken] == ["binance_usdm/WAT-01"]


async def lives(adapter: Any, world: Any) -> None:
    order = world.request()
    await adapter.place(order)
    world.faults.lose_answer(Operation.CANCEL, executed=False, times=1)
    await adapter.cancel(world.symbol, client_id=order.client_id)
    await adapter.cancel(world.symbol, client_id=order.client_id)
    world.faults.close_streams()
    await world.quiet(1_000)


def test_what_met_an_order_is_mapped_by_its_state() -> None:
    _, run = judged(lives)
    met = {(one.state, one.event, one.fault): one.times for one in run.cases[0].met}
    assert met["none", "place", ""] == 1
    assert met["open", "cancel", "lose_answer"] == 1
    assert met["open", "cancel", ""] == 1
    assert met["cancelled", "cancel", ""] == 1
    assert met["cancelled", "meanwhile", "close_streams"] == 1
    assert ("open", "push", "") in met


async def steps(adapter: Any, world: Any) -> None:
    await adapter.place(world.request())
    world.faults.step_clock(90_000)
    await adapter.place(world.request())
    world.faults.suspend(120_000)
    await world.quiet(60_000)
    again = await world.restart(adapter)
    await again.place(world.request())
    await world.sibling()
    await world.quiet(60_000)


@pytest.mark.parametrize("body", [steps])
def test_what_the_world_does_is_nobodys_fault(body: Any) -> None:
    result, _ = judged(body)
    assert (result.verdict, result.broken) == (Verdict.PASS, ())
