"""Any sequence of commands keeps the exchange's promises (stateful Hypothesis tests)."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pytest

from tests.exchange.machine import GOALS, ROUNDS, ExchangeMachine, put_through, rules_of
from tests.exchange.waiting_machine import WAITING_GOALS, WaitingMachine


@pytest.mark.parametrize("number", ROUNDS)
@pytest.mark.parametrize(
    ("machine", "goals"), [(ExchangeMachine, GOALS), (WaitingMachine, WAITING_GOALS)]
)
def test_any_sequence_of_commands_keeps_the_promises(
    make_stage, make_listing, machine, goals, number
):
    listings = rules_of(make_listing)

    class Machine(machine):
        stage_of = staticmethod(lambda: make_stage(*listings))
        reached: ClassVar = Counter()

    assert put_through(Machine, goals, number) == []
