"""Orders in numbers: the stand-alone simulator keeps its memory and its ledger."""

from __future__ import annotations

import pytest

from loadtests import soak
from loadtests.soak import Soaked, main

ORDERS = 8_000
"""Enough to fill the simulator's rings; ``make soak`` places 100,000."""


def test_thousands_of_orders_leave_memory_flat_and_the_ledger_balanced() -> None:
    found = soak.soak(ORDERS)
    assert found.refused == 0
    assert found.exit_code == 0
    assert found.growth_bytes <= soak.GROWTH_BYTES_MAX, found.resident_kib


FLAT = [50_000, *[80_000] * 10]
LEAKING = [50_000 + 1_000 * step for step in range(11)]


@pytest.mark.parametrize(
    ("refused", "resident", "exit_code", "sound"),
    [(0, FLAT, 0, True), (1, FLAT, 0, False), (0, LEAKING, 0, False), (0, FLAT, 1, False)],
    ids=["sound", "refusals", "a leak", "a broken ledger"],
)
def test_a_soak_is_sound_only_when_everything_is(
    refused: int, resident: list[int], exit_code: int, sound: bool
) -> None:
    assert Soaked(5_000, refused, 1.0, resident, exit_code).sound is sound


@pytest.mark.parametrize(("exit_code", "word", "code"), [(0, "sound", 0), (1, "NOT SOUND", 1)])
def test_the_command_says_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    exit_code: int,
    word: str,
    code: int,
) -> None:
    monkeypatch.setattr(soak, "soak", lambda orders: Soaked(orders, 0, 1.0, FLAT, exit_code))
    assert main(["--orders", "7"]) == code
    assert capsys.readouterr().out.splitlines()[-1] == word
