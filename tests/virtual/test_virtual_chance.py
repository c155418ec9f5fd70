"""One seed governs all chance of a run, in any library, and nothing of it stays behind."""

from __future__ import annotations

import os
import random
import secrets
import sys
import types
import uuid

import pytest

from conformance.virtual import run
from conformance.virtual.chance import URANDOM, seeded


async def draws():
    return [
        os.urandom(8),
        random.random(),
        random.Random().random(),
        random.SystemRandom().random(),
        secrets.token_hex(8),
        secrets.choice("abcdefghij"),
        str(uuid.uuid4()),
        str(uuid.uuid1()),
    ]


def test_one_seed_gives_the_same_draws_from_every_source():
    assert run(draws, seed="a") == run(draws, seed="a")


def test_another_seed_gives_others_from_every_source():
    pairs = zip(run(draws, seed=1), run(draws, seed="two"), strict=True)
    assert [one == other for one, other in pairs].count(True) <= 1, "one letter may be equal"


def test_draws_within_a_run_differ():
    async def main():
        return {secrets.token_hex(8) for _ in range(100)} | {str(uuid.uuid4()) for _ in range(100)}

    assert len(run(main)) == 200


def test_after_a_run_chance_is_what_it_was():
    random.seed(5)
    expected = random.Random(5).random()
    run(draws)
    assert random.random() == expected
    assert os.urandom is URANDOM
    assert secrets.token_hex(8) != secrets.token_hex(8)
    assert random.Random().random() != random.Random().random()


def test_a_generator_with_a_seed_of_its_own_keeps_it():
    async def main():
        return random.Random("mine").random()

    assert run(main, seed=1) == random.Random("mine").random()


def test_a_function_taken_by_name_is_bound_and_given_back():
    taker = types.ModuleType("somebody_elses_module")
    taker.draw = os.urandom
    sys.modules[taker.__name__] = taker

    async def main():
        return taker.draw(8)

    try:
        assert run(main, seed=1) == run(main, seed=1)
        assert taker.draw is URANDOM
    finally:
        del sys.modules[taker.__name__]


def test_two_runs_cannot_share_chance():
    with seeded(1), pytest.raises(RuntimeError, match="bound to another"), seeded(2):
        pytest.fail("chance was bound twice")
