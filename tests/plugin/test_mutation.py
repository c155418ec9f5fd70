"""The proof of the cases: who caught whom, who survived, and what proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient

from conformance import venues
from conformance.cases import MONITORS, Case, Example, Monitor, Mutant, Registry, check
from conformance.errors import Beyond, InvariantBroken, UsageError
from conformance.plugin import mutation
from conformance.plugin.discovery import all_monitors
from conformance.plugin.mutation import ERROR, Survey, Task, Trial, attempt, plan, trials

VENUE = venues.names()[0]
all_monitors()


class Sound:
    """An adapter without a fault."""

    capabilities = frozenset[Any]()
    fault = ""

    def __init__(self, endpoints: Any, credentials: Any) -> None:
        self.endpoints = endpoints

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""


class Faulty(Sound):
    fault = "bad"


class Astray(Sound):
    """Asks for what the venue does not have."""

    async def start(self) -> None:
        async with AsyncClient(base_url=self.endpoints.rest) as client:
            await client.get("/fapi/v1/nothing")


class Elsewhere(Sound):
    """Has a fault that this venue gives no room for."""

    async def start(self) -> None:
        raise Beyond("here nothing is signed")


class Explosive(Sound):
    async def start(self) -> None:
        raise InvariantBroken("boom")


async def catches(adapter: Any, world: Any) -> None:
    check(not adapter.fault, "there is no fault")


async def overlooks(adapter: Any, world: Any) -> None:
    """Hold."""


async def objects(adapter: Any, world: Any) -> None:
    check(False, "nothing is right")


def a_case(case_id: str, body: Any, **more: Any) -> Case:
    return Case(
        id=case_id,
        level=1,
        title="",
        claim="",
        source="",
        needs=frozenset(),
        area="MUT",
        check=body,
        name="",
        **more,
    )


def a_mutant(name: str, factory: Any, *kills: str) -> Mutant:
    return Mutant(name=name, fault="wrong", kills=kills, bug="", factory=factory)


@pytest.fixture(autouse=True)
def _registers(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: Registry[Case] = Registry("case")
    mutants: Registry[Mutant] = Registry("mutant")
    bodies = {"MUT-01": catches, "MUT-02": overlooks, "MUT-03": objects}
    for case_id, body in bodies.items():
        cases.add(case_id, a_case(case_id, body))
    cases.add("MUT-04", a_case("MUT-04", overlooks, stimulus=True))
    for one in (
        a_mutant("caught", Faulty, "MUT-01"),
        a_mutant("half", Faulty, "MUT-01", "MUT-02"),
        a_mutant("survivor", Faulty, "MUT-02"),
        a_mutant("misled", Faulty, "MUT-03"),
        a_mutant("explosive", Explosive, "MUT-01"),
        a_mutant("elsewhere", Elsewhere, "MUT-01", "MUT-02"),
        replace(a_mutant("astray", Astray, "MON-11"), during=("MUT-02",)),
    ):
        mutants.add(one.name, one)
    monkeypatch.setattr(mutation, "CASES", cases)
    monkeypatch.setattr(mutation, "MUTANTS", mutants)
    monitors: Registry[Monitor] = Registry("monitor")
    rule = MONITORS.get("MON-11")
    monitors.add(rule.id, rule)
    monkeypatch.setattr(mutation, "MONITORS", monitors)
    monkeypatch.setattr(mutation, "load_adapter", lambda _spec: Sound)


def survey(*names: str) -> Survey:
    chosen = [mutation.MUTANTS.get(name) for name in names]
    return Survey(chosen, list(trials(plan(chosen), venue=VENUE, seed=0, workers=0)))


def test_a_mutant_caught_by_a_case_it_names_is_proof() -> None:
    told = survey("caught")
    assert told.proven
    assert told.catchers(told.mutants[0]) == ["MUT-01"]
    assert (told.survivors, told.errors, told.unsound) == ([], [], [])
    assert told.unproven == ["MUT-04"], "the others are named by mutants that were not tried"


def test_a_mutant_that_breaks_the_rule_it_names_is_proof_of_the_rule() -> None:
    told = survey("astray")
    assert told.proven
    assert told.catchers(told.mutants[0]) == ["MON-11"]
    assert "MON-11" not in told.unproven


def test_what_caught_none_of_all_mutants_is_unproven() -> None:
    told = survey("caught", "half", "survivor", "elsewhere", "astray")
    assert told.unproven == ["MUT-02", "MUT-04"]


def test_a_case_that_misses_a_mutant_that_names_it_is_told() -> None:
    told = survey("half")
    assert told.missed(told.mutants[0]) == ["MUT-02"]
    assert told.survivors == []


def test_one_survivor_is_enough_to_leave_the_cases_unproven() -> None:
    assert survey("half", "caught").proven
    assert not survey("survivor", "caught").proven


def test_a_mutant_that_no_named_case_catches_survives() -> None:
    assert survey("survivor", "caught").survivors == ["survivor"]


def test_what_also_objects_to_the_reference_client_proves_nothing() -> None:
    told = survey("misled")
    assert told.survivors == ["misled"]
    assert [trial.case for trial in told.unsound] == ["MUT-03"]


def test_a_failure_of_the_tool_is_neither_caught_nor_survived_silently() -> None:
    told = survey("explosive")
    assert [trial.told for trial in told.errors] == ["InvariantBroken: boom"]
    assert not told.proven


def test_a_fault_that_makes_no_sense_at_a_venue_is_said_so_and_does_not_survive() -> None:
    told = survey("elsewhere", "caught")
    elsewhere, caught = told.mutants
    assert told.inapplicable(elsewhere) == "here nothing is signed"
    assert not told.inapplicable(caught)
    assert told.proven
    assert (told.survivors, told.missed(elsewhere)) == ([], [])


def test_an_example_that_does_not_apply_leaves_the_verdict_to_the_others() -> None:
    async def here_only(adapter: Any, world: Any, where: str) -> None:
        if where == "elsewhere":
            raise Beyond("not here")

    examples = tuple(Example(where, {"where": where}) for where in ("here", "elsewhere"))
    mutation.CASES.add("MUT-05", a_case("MUT-05", here_only, examples=examples))
    assert attempt(Task("", "MUT-05"), venue=VENUE, seed=0).verdict == "pass"


def test_a_case_that_makes_no_sense_at_a_venue_misses_nothing() -> None:
    async def not_here(adapter: Any, world: Any) -> None:
        raise Beyond("not here")

    mutation.CASES.add("MUT-06", a_case("MUT-06", not_here))
    mutation.MUTANTS.add("partly", a_mutant("partly", Faulty, "MUT-01", "MUT-06"))
    told = survey("partly")
    assert told.proven
    assert (told.survivors, told.unsound) == ([], [])
    assert not told.inapplicable(told.mutants[0])


def test_every_case_is_tried_on_the_reference_client_first() -> None:
    tasks = plan([mutation.MUTANTS.get("half")], also=["MUT-04"])
    assert tasks == [
        *(Task("", case) for case in ("MUT-01", "MUT-02", "MUT-04")),
        *(Task("half", case) for case in ("MUT-01", "MUT-02", "MUT-04")),
    ]


def test_an_unknown_case_named_by_a_mutant_is_refused() -> None:
    with pytest.raises(UsageError, match="no case called MUT-99"):
        plan([a_mutant("lost", Faulty, "MUT-99")])


def test_a_verdict_short_of_fail_is_no_catch() -> None:
    trial = attempt(Task("caught", "MUT-04"), venue=VENUE, seed=0)
    assert trial == Trial("caught", "MUT-04", False, "unreached", "the case armed no fault")


def test_an_error_is_its_own_word() -> None:
    assert attempt(Task("explosive", "MUT-01"), venue=VENUE, seed=0).verdict == ERROR


def test_workers_carry_out_the_same_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    mutation.all_cases()
    case = next(iter(mutation.CASES)).id
    alone, shared = (
        [(t.case, t.verdict) for t in trials([Task("", case)], venue=VENUE, seed=0, workers=n)]
        for n in (0, 1)
    )
    assert alone == shared
