"""One case, one verdict: what is blamed on the adapter, and what is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import httpx
import pytest

from conformance import venues
from conformance.cases import Case, Example, check
from conformance.errors import ConformanceError, InvariantBroken, UsageError
from conformance.evidence.reading import CaseRun, gather
from conformance.evidence.verdicts import Verdict
from conformance.model.capabilities import Capability, Way
from conformance.model.wire import Operation
from conformance.plugin import running
from conformance.plugin.running import CaseResult, case_key, run_case

VENUE = venues.load(venues.names()[0])


class Quiet:
    """An adapter that does nothing well."""

    capabilities = frozenset({Capability.PLACE})

    def __init__(self, endpoints: Any, credentials: Any) -> None:
        self.endpoints, self.credentials = endpoints, credentials
        self.stops = 0
        self.started = False

    async def start(self) -> None:
        self.started = True

    async def stop(self) -> None:
        self.stops += 1

    async def ping(self) -> int:
        async with httpx.AsyncClient(base_url=self.endpoints.rest, timeout=3) as client:
            return (await client.get("/fapi/v1/time")).status_code

    async def fall(self) -> None:
        raise KeyError("boo")


def a_case(body: Callable[..., Any], **more: Any) -> Case:
    given = {
        "id": "TST-01",
        "level": 1,
        "title": "It holds",
        "claim": "It holds.",
        "source": "here",
        "needs": frozenset({Capability.PLACE}),
        "area": "TST",
        "name": "it_holds",
    }
    return Case(check=body, **(given | more))


class Told:
    """Keeps what the runner says."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, kind: str, **fields: Any) -> None:
        self.events.append({"kind": kind, **fields})

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    @property
    def case(self) -> CaseRun:
        return gather(self.events).cases[0]


def judged(
    body: Callable[..., Any],
    factory: Any = Quiet,
    told: Told | None = None,
    example: Example | None = None,
    **more: Any,
) -> CaseResult:
    return run_case(
        a_case(body, **more),
        example,
        venue=VENUE,
        adapter_factory=factory,
        listener=told or Told(),
    )


async def nothing(adapter: Any, world: Any) -> None:
    """Hold."""


async def wrong(adapter: Any, world: Any) -> None:
    check(False, "it holds", expected=1, observed=2)


def test_a_case_that_objects_to_nothing_passes_and_leaves_its_story() -> None:
    told = Told()
    result = judged(nothing, told=told)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
    assert told.kinds == ["case-started", "watched", "met", "case-finished"]
    assert result.key == f"{VENUE.name}/TST-01"


def test_the_wire_is_told_in_the_order_in_which_it_happened() -> None:
    async def body(adapter: Any, world: Any) -> None:
        await adapter.ping()

    told = Told()
    judged(body, told=told)
    wire = ["request", "reply"]
    assert told.kinds == ["case-started", *wire, "watched", "met", "case-finished"]


def test_a_finding_is_a_failure_with_claim_expected_and_observed() -> None:
    told = Told()
    result = judged(wrong, told=told)
    assert result.verdict is Verdict.FAIL
    assert (result.claim, result.expected, result.observed) == ("it holds", "1", "2")
    assert told.case.finding is not None
    assert told.case.finding["claim"] == "it holds"


def test_the_finding_is_told_before_the_adapter_tidies_up() -> None:
    class Tidy(Quiet):
        async def stop(self) -> None:
            await self.ping()

    told = Told()
    judged(wrong, Tidy, told)
    assert told.kinds[1:4] == ["finding", "request", "reply"]


def test_an_example_reaches_the_case_and_its_name() -> None:
    async def body(adapter: Any, world: Any, side: str) -> None:
        check(side == "buy", "the side arrives")

    example = Example("side=buy", {"side": "buy"})
    result = judged(body, example=example)
    assert (result.verdict, result.key) == (Verdict.PASS, f"{VENUE.name}/TST-01[side=buy]")
    assert case_key("v", a_case(body), None) == "v/TST-01"


@pytest.mark.parametrize("started", [True, False])
def test_the_adapter_is_started_unless_the_case_does_that(started: bool) -> None:
    seen = []

    async def body(adapter: Any, world: Any) -> None:
        seen.append(adapter.started)

    judged(body, started=started)
    assert seen == [started]


@pytest.mark.parametrize("body", [nothing, wrong])
def test_the_adapter_is_always_stopped(body: Any) -> None:
    made: list[Quiet] = []

    def factory(endpoints: Any, credentials: Any) -> Quiet:
        made.append(Quiet(endpoints, credentials))
        return made[-1]

    judged(body, factory)
    assert [adapter.stops for adapter in made] == [1]


def test_an_exception_of_the_adapter_is_its_failure_and_is_named() -> None:
    async def body(adapter: Any, world: Any) -> None:
        await adapter.fall()

    told = Told()
    result = judged(body, told=told)
    assert result.verdict is Verdict.FAIL
    assert result.observed.startswith("KeyError: 'boo' (in fall, ")
    assert "in fall" in told.case.finding["detail"]  # type: ignore[index]


@pytest.mark.parametrize("method", ["start", "stop"])
def test_an_adapter_that_cannot_start_or_stop_fails(method: str) -> None:
    class Lame(Quiet):
        pass

    setattr(Lame, method, Quiet.fall)
    result = judged(nothing, Lame)
    assert result.verdict is Verdict.FAIL
    assert "KeyError: 'boo'" in result.observed


def test_an_adapter_that_cannot_be_made_fails() -> None:
    class Unmade(Quiet):
        def __init__(self, endpoints: Any, credentials: Any) -> None:
            raise KeyError("boo")

    result = judged(nothing, Unmade)
    assert (result.verdict, "KeyError: 'boo'" in result.observed) == (Verdict.FAIL, True)


def test_a_world_that_cannot_open_says_nothing_about_the_adapter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(_shell: Any, **_options: Any) -> None:
        raise OSError("no sockets")

    monkeypatch.setattr("conformance.sim.shell.Shell.start", refuse)
    assert judged(nothing).verdict is Verdict.UNCLEAR


def test_what_the_adapter_logs_is_part_of_the_story() -> None:
    class Chatty(Quiet):
        async def start(self) -> None:
            logging.getLogger("chatty").warning("my key is %s", self.credentials.key)

    told = Told()
    judged(nothing, Chatty, told)
    assert [event["text"] for event in told.case.wire] == ["my key is [redacted key]"]


def test_the_first_failure_counts_and_the_later_one_is_noted() -> None:
    class Lame(Quiet):
        async def stop(self) -> None:
            await self.fall()

    told = Told()
    assert judged(wrong, Lame, told).claim == "it holds"
    assert told.case.notes[0].startswith("afterwards: KeyError")


def test_a_case_that_stumbles_over_its_own_feet_is_unclear() -> None:
    async def body(adapter: Any, world: Any) -> None:
        adapter.nothing.at_all  # noqa: B018

    class Blank(Quiet):
        nothing = None

    result = judged(body, Blank)
    assert result.verdict is Verdict.UNCLEAR
    assert "AttributeError" in result.observed


def test_a_case_that_stumbles_over_its_stage_is_unclear() -> None:
    async def body(adapter: Any, world: Any) -> None:
        world.listing_of("NO SUCH SYMBOL")

    assert judged(body).verdict is Verdict.UNCLEAR


def test_an_answer_that_the_case_did_not_get_in_time_is_the_adapters_failure() -> None:
    class Slow(Quiet):
        async def ping(self) -> int:
            await asyncio.Event().wait()
            return 0

    async def body(adapter: Any, world: Any) -> None:
        await asyncio.wait_for(adapter.ping(), 5)

    result = judged(body, Slow)
    assert (result.verdict, result.virtual_ms >= 5000) == (Verdict.FAIL, True)


def test_a_case_without_end_fails_and_names_what_it_waited_for() -> None:
    async def body(adapter: Any, world: Any) -> None:
        await asyncio.sleep(1e9)

    result = judged(body)
    assert result.verdict is Verdict.FAIL
    assert "virtual time are used up" in result.observed
    assert "waiting: main" in result.observed


@pytest.mark.parametrize("error", [ConformanceError("broken"), InvariantBroken("broken")])
def test_a_failure_of_the_tool_is_no_verdict(error: Exception) -> None:
    async def body(adapter: Any, world: Any) -> None:
        raise error

    told = Told()
    with pytest.raises(type(error), match="broken"):
        judged(body, told=told)
    assert told.kinds == ["case-started", "tool-error"]


def test_a_case_that_rests_on_what_the_venue_does_otherwise_is_not_applicable() -> None:
    told = Told()
    case = a_case(nothing, ways=frozenset({Way.STREAM_KEYS}))
    elsewhere = replace(VENUE, ways=frozenset({Way.BOOK_BY_QUERY}))
    result = run_case(case, venue=elsewhere, adapter_factory=Quiet, listener=told)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.reason == "the venue does not do stream-keys"
    assert judged(nothing, ways=frozenset({Way.STREAM_KEYS})).verdict is Verdict.PASS


def test_capabilities_of_the_class_spare_the_world() -> None:
    told = Told()
    result = judged(nothing, told=told, needs=frozenset({Capability.PLACE, Capability.AMEND}))
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.reason == "the adapter does not offer amend"
    assert result.virtual_ms == 0


def test_capabilities_of_the_object_count_when_the_class_tells_none() -> None:
    class Late(Quiet):
        capabilities = property(lambda _: {Capability.PLACE})  # type: ignore[assignment]

        async def start(self) -> None:
            raise AssertionError

    result = judged(nothing, Late, needs=frozenset({Capability.BATCH, Capability.AMEND}))
    assert result.reason == "the adapter does not offer amend, batch"


async def arms(adapter: Any, world: Any) -> None:
    world.faults.answer_code(Operation.TIME, world.errors[0].code)
    await adapter.ping()


async def arms_in_vain(adapter: Any, world: Any) -> None:
    world.faults.stall(Operation.PLACE, executed=False)


async def excuses(adapter: Any, world: Any) -> None:
    world.faults.stall(Operation.PLACE, executed=False).optional()
    await arms(adapter, world)


async def excuses_all(adapter: Any, world: Any) -> None:
    world.faults.stall(Operation.PLACE, executed=False).optional()


@pytest.mark.parametrize(
    ("body", "stimulus", "verdict", "reason"),
    [
        (arms, True, Verdict.PASS, ""),
        (excuses, True, Verdict.PASS, ""),
        (arms_in_vain, True, Verdict.UNREACHED, "never delivered: stall"),
        (arms_in_vain, False, Verdict.PASS, ""),
        (excuses_all, True, Verdict.UNREACHED, "never delivered: any of the faults"),
        (nothing, True, Verdict.UNREACHED, "the case armed no fault"),
    ],
)
def test_a_stimulus_that_did_not_strike_makes_a_case_unreached(
    body: Any, stimulus: bool, verdict: Verdict, reason: str
) -> None:
    result = judged(body, stimulus=stimulus)
    assert (result.verdict, result.reason) == (verdict, reason)


def test_every_armed_fault_is_told_with_how_often_it_struck() -> None:
    told = Told()
    judged(excuses, told=told, stimulus=True)
    assert told.case.faults == {"1 stall": 0, "2 answer_code": 1}


def test_a_restarted_adapter_is_remembered_and_all_are_stopped() -> None:
    made: list[Quiet] = []

    class Counted(Quiet):
        def __init__(self, endpoints: Any, credentials: Any) -> None:
            super().__init__(endpoints, credentials)
            made.append(self)

        async def stop(self) -> None:
            await super().stop()
            if self is made[0]:
                raise OSError("already dead")

    async def body(adapter: Any, world: Any) -> None:
        await world.restart(adapter)

    told = Told()
    assert judged(body, Counted, told).verdict is Verdict.PASS
    assert [adapter.stops for adapter in made] == [1, 1]
    assert told.case.notes[0].startswith("one of 2 adapters did not stop: OSError: already dead")


def test_what_dies_in_the_background_is_noted() -> None:
    async def body(adapter: Any, world: Any) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: {}["lost"])
        loop.call_exception_handler({"message": "hm"})
        await asyncio.sleep(0.01)

    told = Told()
    judged(body, told=told)
    assert told.case.notes[0] == "in the background: hm"
    assert "KeyError: 'lost'" in told.case.notes[1]


def test_one_seed_replays_one_run() -> None:
    def story(seed: int) -> list[dict[str, Any]]:
        async def body(adapter: Any, world: Any) -> None:
            check(await adapter.ping() == 200, "it answers")
            check(False, "told", observed=world.client_id())

        told = Told()
        factory: Any = Quiet
        run_case(a_case(body), venue=VENUE, adapter_factory=factory, seed=seed, listener=told)
        untold = {"started_ms", "duration_ms", "headers", "detail"}
        return [{k: v for k, v in event.items() if k not in untold} for event in told.events]

    assert story(3) == story(3)
    assert story(3) != story(4)


@pytest.mark.parametrize("made", [None, object()])
def test_what_is_no_adapter_is_told_before_the_case_begins(made: object) -> None:
    with pytest.raises(UsageError, match="is no adapter: it has no capabilities, start, stop"):
        judged(nothing, lambda _endpoints, _credentials: made)


def test_the_redactor_knows_the_keys_of_the_world() -> None:
    class Leaky(Quiet):
        async def start(self) -> None:
            raise ValueError(f"bad secret {self.credentials.secret}")

    told = Told()
    result = judged(nothing, Leaky, told)
    secret = VENUE.credentials(VENUE.key_kinds[0], 0).secret
    assert "[redacted secret]" in result.observed
    assert secret not in result.observed + str(told.events)


def test_the_modules_that_carry_cases_out_exist() -> None:
    assert all(find_spec(name) for name in (*running.HOME, *running.STAGE))
