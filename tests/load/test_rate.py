"""Rates and durations are read, derived from published limits, or refused with a hint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.load import rate
from conformance.load.plan import PROFILES
from conformance.venues import load

MAKER = PROFILES["market-maker"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("3", 3), ("60s", 60), ("1.5m", 90), ("2h", 7200)]
)
def test_a_duration_is_read(text: str, seconds: float):
    assert rate.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3s", "0s", "1d", "1e9", "99999999h", "nan"])
def test_what_is_no_duration_is_refused_with_a_hint(text: str):
    with pytest.raises(UsageError, match="hint: write 500ms"):
        rate.duration(text)


# usds-margined-futures/general-info, 2026-05-28: 300 orders in 10 s, 1200 in a minute, an account;
# 2400 units of weight in a minute, an address. Place and amend count as orders (trade pages).


def test_the_highest_allowed_rate_follows_from_the_published_limits():
    orders = sum(action.value in ("place", "amend") for action in MAKER.cycle)
    allowed = 1200 / 60 / orders * len(MAKER.cycle)
    chosen = rate.rate("max", load("binance_usdm"), MAKER, 50)
    assert 0.95 * allowed < chosen < 0.97 * allowed
    assert rate.spacing(load("binance_usdm"), MAKER) == pytest.approx(60.1 / 60 / allowed)
    assert rate.window(load("binance_usdm"), MAKER) == 10


def test_a_number_is_messages_a_second_of_each_bot():
    assert rate.rate("12.5", load("binance_usdm"), MAKER, 4) == 12.5
    assert rate.rate("8/s", load("binance_usdm"), MAKER, 4) == 8


@pytest.mark.parametrize("text", ["fast", "0", "-1", "1e9", "2x:", "nan", "inf"])
def test_what_is_no_rate_is_refused_with_a_hint(text: str):
    with pytest.raises(UsageError, match="hint"):
        rate.rate(text, load("binance_usdm"), MAKER, 4)


def lines(folder: Path, *rows: str) -> Path:
    path = folder / "volume"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_twice_the_busiest_second_of_a_journal(tmp_path: Path):
    kinds = [("request", at) for at in (100, 900, 1000, 1001, 1999, 2500)] + [("reply", 1500)] * 9
    path = lines(tmp_path, *(json.dumps({"kind": kind, "at": at}) for kind, at in kinds))
    assert rate.peak(path) == 3
    assert rate.rate(f"2x:{path}", load("binance_usdm"), MAKER, 2) == 3


def test_twice_the_busiest_second_of_a_table(tmp_path: Path):
    stamps = ["2026-11-20T10:00:00.100Z", "2026-11-20T10:00:00.900Z", "2026-11-20T10:00:01Z"]
    path = lines(tmp_path, "timestamp,side", *(f"{each},buy" for each in stamps))
    assert rate.peak(path) == 2
    assert rate.peak(lines(tmp_path, "ms", "1000", "1500", "2000")) == 2


@pytest.mark.parametrize("rows", [["a,b", "1,2"], ["time", "yesterday"], [""]])
def test_a_recording_without_instants_is_refused(tmp_path: Path, rows: list[str]):
    with pytest.raises(UsageError, match="hint"):
        rate.peak(lines(tmp_path, *rows))


def test_a_recording_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        rate.peak(tmp_path / "nothing")
