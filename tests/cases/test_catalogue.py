"""How cases and mutants enter the catalogue, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conformance.cases import CASES, MUTANTS, Registry, case, for_each, mutant
from conformance.errors import UsageError
from conformance.model.capabilities import Capability
from conformance.model.orders import Side


@pytest.fixture(autouse=True)
def _empty_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CASES, "_entries", {})
    monkeypatch.setattr(MUTANTS, "_entries", {})


def entered(case_id: str = "XYZ-01", **changes: Any) -> Any:
    async def claim_holds(adapter: object, world: object, **example: object) -> None:
        """The claim holds.

        And this is why.
        """
        world.append(example)  # type: ignore[attr-defined]

    options = {"level": 1, "needs": [Capability.PLACE], "source": "a page", **changes}
    check = claim_holds
    if axes := options.pop("axes", None):
        check = for_each(**axes)(check)
    return case(case_id, **options)(check)


def test_a_case_is_entered_with_its_claim_and_its_citation() -> None:
    entered()
    kept = CASES.get("XYZ-01")
    assert (kept.title, kept.area, kept.name) == ("The claim holds", "XYZ", "claim_holds")
    assert kept.claim.endswith("And this is why.")
    assert kept.needs == {Capability.PLACE}
    assert kept.source == "a page"


@pytest.mark.parametrize("case_id", ["XY-01", "XYZ-1", "xyz-01", "XYZ-01ab", "XYZ01"])
def test_an_id_of_another_form_is_refused(case_id: str) -> None:
    with pytest.raises(UsageError, match="is not a case id"):
        entered(case_id)


@pytest.mark.parametrize("level", [0, 6])
def test_a_level_that_does_not_exist_is_refused(level: int) -> None:
    with pytest.raises(UsageError, match="levels are 1 to 5"):
        entered(level=level)


def test_an_id_is_never_used_twice() -> None:
    entered()
    with pytest.raises(UsageError, match="defined twice"):
        entered()


def test_a_case_without_a_claim_is_refused() -> None:
    async def silent(adapter: object, world: object) -> None:
        del adapter, world

    with pytest.raises(UsageError, match="state the claim"):
        case("XYZ-01", level=1, needs=[], source="a page")(silent)


def test_examples_are_all_combinations_with_stable_labels() -> None:
    entered(axes={"side": [Side.BUY, Side.SELL], "count": [1, 2]})
    labels = [example.label for example in CASES.get("XYZ-01").examples]
    assert labels == [
        "count=1,side=buy",
        "count=1,side=sell",
        "count=2,side=buy",
        "count=2,side=sell",
    ]


def test_a_label_holds_nothing_that_a_test_id_cannot() -> None:
    entered(axes={"text": ["a b/ü"]})
    assert CASES.get("XYZ-01").examples[0].label == "text=a_b__"


def test_an_example_reaches_the_check() -> None:
    entered(axes={"side": [Side.SELL]})
    kept = CASES.get("XYZ-01")
    seen: list[object] = []
    asyncio.run(kept.run(None, seen, kept.examples[0]))  # type: ignore[arg-type]
    asyncio.run(kept.run(None, seen))  # type: ignore[arg-type]
    assert seen == [{"side": Side.SELL}, {}]


def test_a_mutant_names_its_fault_and_its_hunters() -> None:
    @mutant("forgetful", kills=["XYZ-01"], bug="a thread")
    class Forgetful:
        """Forgets the order."""

    kept = MUTANTS.get("forgetful")
    assert (kept.fault, kept.kills, kept.bug) == ("Forgets the order.", ("XYZ-01",), "a thread")
    assert kept.factory is Forgetful


def test_a_mutant_without_a_fault_is_refused() -> None:
    with pytest.raises(UsageError, match="say what is wrong"):
        mutant("silent", kills=[], bug="")(lambda endpoints, credentials: None)  # type: ignore[arg-type,return-value]


def test_a_register_is_in_the_order_of_its_keys() -> None:
    register: Registry[int] = Registry("number")
    register.add("b", 2)
    register.add("a", 1)
    assert (list(register), len(register), "a" in register, "c" in register) == (
        [1, 2],
        2,
        True,
        False,
    )


def test_a_wrong_key_is_answered_with_the_nearest_ones() -> None:
    entered("ORD-01")
    with pytest.raises(UsageError, match="did you mean ORD-01"):
        CASES.get("ORD-11")
    with pytest.raises(UsageError, match="conformance list"):
        CASES.get("?")
