"""Any sequence of commands keeps the exchange's promises (stateful Hypothesis tests)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis.stateful import run_state_machine_as_test as run_machine

from tests.exchange.machine import GOALS, PACE, ExchangeMachine
from tests.exchange.waiting_machine import WAITING_GOALS, WaitingMachine


@pytest.mark.parametrize(
    ("machine", "goals"), [(ExchangeMachine, GOALS), (WaitingMachine, WAITING_GOALS)]
)
def test_any_sequence_of_commands_keeps_the_promises(make_stage, make_listing, machine, goals):
    listings = (
        make_listing(max_open_orders=3, conditionals_max=3),
        make_listing(
            symbol="BBB",
            step=Decimal("0.01"),
            maker_rate=Decimal("-0.0003"),
            min_notional=Decimal(0),
            amend_keeps_priority=True,
            conditionals_max=3,
        ),
    )

    class Machine(machine):
        stage_of = staticmethod(lambda: make_stage(*listings))
        reached: ClassVar = Counter()

    run_machine(Machine, settings=PACE)
    missed = [goal for goal in goals if not Machine.reached[goal]]
    assert not missed, "the generator no longer reaches what it is there for"
