"""The exchange core in numbers: millions of events by hand, thousands of them here."""

from __future__ import annotations

import pytest

from loadtests import churn
from loadtests.churn import Churned, main

EVENTS = 30_000


def test_thousands_of_events_keep_ledger_positions_and_books_sound() -> None:
    found = churn.churn(EVENTS)
    assert found.events >= EVENTS
    assert found.growth is None, "what is retained up to a bound still grows"
    assert 0 < found.refused < found.commands


def test_one_seed_replays_one_run() -> None:
    one, other = (churn.churn(2_000, seed=7) for _ in range(2))
    assert one[:3] == other[:3]
    assert one[:3] != churn.churn(2_000, seed=8)[:3]


@pytest.mark.parametrize(
    ("growth", "word", "code"),
    [
        (0, "0 more living objects than at half time\nsound", 0),
        (10**9, f"{10**9} more living objects than at half time\nNOT SOUND", 1),
        (None, "too short to judge memory: that takes 4000000 events\nsound", 0),
    ],
)
def test_the_command_says_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    growth: int | None,
    word: str,
    code: int,
) -> None:
    asked = []

    def found(events: int, seed: int) -> Churned:
        asked.append((events, seed))
        return Churned(3, 9, 0, 1.0, growth)

    monkeypatch.setattr(churn, "churn", found)
    assert main(["--events", "9", "--seed", "4"]) == code
    assert asked == [(9, 4)]
    assert capsys.readouterr().out.endswith(f"\n{word}\n")
