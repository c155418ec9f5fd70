"""Settings: command line over file over defaults, and errors that name the nearest choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import venues
from conformance.errors import ConfigError, UsageError
from conformance.plugin.entry import OPTIONS
from conformance.plugin.settings import ADAPTER, KEYS, resolve


def configured(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_defaults_are_every_venue_and_the_reference_client(tmp_path: Path) -> None:
    settings = resolve({}, tmp_path)
    assert settings.venue == venues.names()
    assert (settings.adapter, settings.level, settings.seed) == (ADAPTER, 4, 0)
    assert settings.report == Path("reports/latest")


def test_what_is_asked_beats_the_file_and_the_file_beats_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    text = '[tool.conformance]\nlevel = 2\nseed = 5\nfolder = "mine"\nreport = "out"\n'
    asked = {"seed": 0, "level": None, "case": (), "venue": None, "adapter": None}
    settings = resolve(asked, configured(tmp_path, text))
    assert (settings.level, settings.seed) == (2, 0)
    assert settings.folder == (tmp_path / "mine",)
    assert settings.report == tmp_path / "out"


def test_lists_may_be_single_or_several(tmp_path: Path) -> None:
    text = '[tool.conformance]\ncase = ["ORD", "SIG-01"]\nvenue = "binance_usdm"\nfolder = ["."]'
    settings = resolve({}, configured(tmp_path, text))
    assert (settings.case, settings.venue) == (("ORD", "SIG-01"), ("binance_usdm",))


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1", "# [tool.conformance\n"])
def test_a_file_that_does_not_speak_of_us_changes_nothing(tmp_path: Path, text: str) -> None:
    assert resolve({}, configured(tmp_path, text)) == resolve({}, tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[tool.conformance]\nlevell = 1", "has no key 'levell'", "did you mean level?"),
        ("[tool.conformance]\nlevel = 'x'", "level = 'x' is of the wrong type", "whole number"),
        ("[tool.conformance]\nseed = true", "seed = True is of the wrong type", "whole number"),
        ("[tool.conformance]\ncase = [1]", "of the wrong type", "a text or a list of texts"),
        ("[tool.conformance]\nadapter = 1", "of the wrong type", "a text"),
        ("[tool.conformance]\nlevel = ", "pyproject.toml:2: ", "not valid TOML"),
        ("[[tool.conformance]]\nseed = 1", "tool.conformance is no table", "[tool.conformance]"),
        ("[tool.conformance]\nlevel = '\udcff'", "pyproject.toml:2: ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        resolve({}, tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ({"venue": ("binance",)}, "no venue called 'binance'", "did you mean binance_usdm?"),
        ({"level": 6}, "level 6 does not exist", "1 to 5"),
        ({"env": "live"}, "no environment 'live'", "possible are sim"),
        ({"folder": ("nowhere",)}, "nowhere is not a folder", "name a folder"),
    ],
)
def test_what_does_not_exist_is_told_with_the_nearest_choice(
    tmp_path: Path, asked: Any, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(asked, tmp_path)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_every_option_is_a_key_of_the_file_and_the_other_way_round() -> None:
    assert set(OPTIONS) == set(KEYS)
