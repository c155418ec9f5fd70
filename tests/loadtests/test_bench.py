"""The benchmarks run, compare like with like, and write what they found."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("ccxt")

from conformance.venues import load
from loadtests.bench import book, report
from loadtests.bench.__main__ import main
from loadtests.bench.child import child
from loadtests.bench.generator import drive
from loadtests.bench.orders import SECRET, Signer
from loadtests.bench.report import Measure


def test_a_small_run_measures_everything_and_writes_page_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--orders", "64", "--rounds", "1", "--area", "SIG-04", "--resting", "1000"]
    assert main([*small, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    page = (tmp_path / "benchmarks.md").read_text()
    for line in said.splitlines():
        assert line[:34].strip() in page
    assert len(said.splitlines()) >= 4
    assert "| 1,000 resting orders |" in page
    for name in ("benchmarks.svg", "growth.svg"):
        ET.fromstring((tmp_path / name).read_text())


def test_the_bare_server_refuses_a_wrong_signature() -> None:
    with child("-m", "loadtests.bench.floor") as floor:
        right, wrong = (
            list(Signer("key", secret, "BTCUSDT", "1").taking(3)) for secret in (SECRET, "other")
        )
        assert asyncio.run(drive(floor.port, right)) == {200: 3}
        assert asyncio.run(drive(floor.port, wrong)) == {401: 3}


def test_the_bare_book_matches_by_price_and_time() -> None:
    bare = book.Bare()
    for number, ticks in enumerate((10, 11, 10)):
        bare.enter(book.Step(number, buy=True, ticks=ticks, lots=2))
    bare.enter(book.Step(3, buy=False, ticks=10, lots=3))
    assert {number: order[1] for number, order in bare._live.items()} == {0: 1, 2: 2}
    bare.cancel(0)
    bare.enter(book.Step(4, buy=False, ticks=9, lots=3))
    assert {number: order[1] for number, order in bare._live.items()} == {4: 1}


def test_a_story_that_the_engine_refuses_is_no_measurement() -> None:
    listing = load("binance_usdm").listings[0]
    far = int(Decimal(10) * listing.initial_price / listing.tick)
    with pytest.raises(AssertionError, match="were refused"):
        book.engine_us(listing, book.story(50, far))


@pytest.mark.parametrize(("target", "mark"), [(2.5, "✓"), (1.5, "✗"), (None, "| - |")])
def test_a_missed_target_is_shown_as_missed(target: float | None, mark: str) -> None:
    measure = Measure("an order", "ours", "theirs", [4.0, 3.0, 5.0], [2.0, 2.0, 1.0], target)
    assert measure.ratio == 2
    assert mark in report.page([measure], ["| a size |"], ["a note"])
    colours = [rect.get("fill") for rect in ET.fromstring(report.picture([measure]))]
    assert ("#c8553d" in colours) is (mark == "✗")
