"""Every flaw of a scenario is told with its line, and nothing of a flawed one is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.scenarios import Flawed, lint, read

SOUND = """\
title = "Sound"
lasts = "10s"

[[path]]
kind = "walk"
until = "5s"
volatility = "0.1%"

[[actor]]
kind = "maker"
name = "makers"
size = 3

[[do]]
at = "2s"
command = "halt"
"""


def written(folder: Path, text: str, name: str = "story.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> list[tuple[int, str, str]]:
    return [(flaw.line, flaw.what, flaw.mend) for flaw in lint(written(folder, text))]


def test_a_sound_scenario_has_no_flaw(tmp_path):
    assert told(tmp_path, SOUND) == []
    story = read(written(tmp_path, SOUND))
    assert (story.name, story.head.lasts, len(story.paths)) == ("story", 10_000, 1)


@pytest.mark.parametrize(
    ("before", "after", "line", "what", "mend"),
    [
        ('command = "halt"', 'command = "hault"', 16, "unknown command 'hault'", "'halt'"),
        ('kind = "walk"', 'kind = "wolk"', 5, "unknown kind 'wolk'", "'walk'"),
        ('kind = "walk"\n', "", 4, "'kind' is missing", "walk"),
        ("size = 3", "size = -3", 12, "the size -3 is negative", "clips"),
        ("size = 3", "size = 0", 12, "the size 0 is zero", "clips"),
        ("size = 3", "size = 1.5", 12, "no whole number", "clips"),
        ("size = 3", "size = 9999999", 12, "too large", "clips"),
        ("size = 3", "sise = 3", 12, "unknown key 'sise'", "'size'"),
        ("size = 3\n", "", 9, "'size' is missing", "size ="),
        ('at = "2s"', 'at = "-2s"', 15, "negative", "beginning"),
        ('at = "2s"', "at = 2", 15, "2 is no time", "1m30s"),
        ('at = "2s"', 'at = "0.1ms"', 15, "finer than a millisecond", "whole"),
        ('at = "2s"', 'at = "11s"', 15, "after the end", "longer"),
        ('until = "5s"', 'until = "11s"', 6, "after the end", "longer"),
        ('until = "5s"', 'until = "5s"\nsince = "6s"', 6, "before it begins", "after since"),
        ('until = "5s"', 'until = "0s"', 6, "zero", "above zero"),
        ('"0.1%"', "0.1", 7, "no percentage", "%"),
        ('"0.1%"', '"NaN%"', 7, "no finite number", "leave the line out"),
        ('"0.1%"', '"80%"', 7, "out of range", "8%"),
        ('"0.1%"', '"x%"', 7, "no number", "plain"),
        ('name = "makers"', 'name = "testee"', 11, "taken", "another"),
        ('name = "makers"', "name = 7", 11, "no text", "quotes"),
        ("size = 3", 'size = 3\nuntil = "20s"', 13, "after the end", "longer"),
        ("size = 3", 'size = 3\nevery = "1ms"\n[[actor]]\nname="x"', 14, "'kind' is", "maker"),
        ('lasts = "10s"', 'lasts = "10s', 2, "no TOML", "toml"),
        ('title = "Sound"', 'title = "Sound"\nmood = 1', 2, "unknown key 'mood'", "known are"),
        ('title = "Sound"', 'title = "Sound"\nbase = nan', 2, "no finite number", "leave"),
        ('title = "Sound"', 'title = "Sound"\nbase = -5', 2, "not above zero", "positive"),
        ('title = "Sound"', 'title = "Sound"\nseed = "x"', 2, "out of range", "whole"),
        ('title = "Sound"', 'title = "Sound"\ndated = "yes"', 2, "neither true nor", "quotes"),
    ],
)
def test_a_flaw_is_told_with_its_line_and_its_mend(tmp_path, before, after, line, what, mend):
    found = told(tmp_path, SOUND.replace(before, after))
    assert [each for each in found if each[0] == line and what in each[1] and mend in each[2]], (
        found
    )


def test_commands_stand_in_the_order_of_time(tmp_path):
    text = SOUND + '[[do]]\nat = "1s"\ncommand = "resume"\n'
    assert told(tmp_path, text) == [
        (
            18,
            "unordered: the command lies before the one above it",
            "sort the [[do]] tables by time",
        )
    ]


def test_whoever_is_named_exists(tmp_path):
    text = SOUND + '[[do]]\nat = "3s"\ncommand = "cancel"\nof = "maker"\n'
    assert told(tmp_path, text) == [(20, "no actor 'maker'", "did you mean 'makers'?")]
    assert told(tmp_path, text.replace('of = "maker"', 'of = "testee"')) == []


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ('["2s", nan]', "no finite number"),
        ('["1s", 101]', "not later"),
        ('["2s"]', "no point"),
        ("7", "no point"),
        ('["2s", -4]', "not above zero"),
    ],
)
def test_a_flaw_in_a_list_is_told_with_the_line_of_its_row(tmp_path, row, what):
    path = '[[path]]\nkind = "points"\nsince = "500ms"\nto = [\n  ["1s", 100], # "["\n'
    text = SOUND.replace('until = "5s"', 'until = "500ms"') + path
    found = told(tmp_path, f"{text}  {row},\n]\n")
    assert [(at, what in said) for at, said, _ in found] == [(22, True)], found


def test_two_paths_do_not_pull_at_one_price(tmp_path):
    other = '[[path]]\nkind = "ramp"\nsince = "4s"\nuntil = "6s"\ntarget = 101\n'
    found = told(tmp_path, SOUND + other)
    assert found == [
        (
            19,
            "last and mark and index already follow the path that began at 0 ms",
            "begin where that one ends",
        )
    ]
    assert (
        told(
            tmp_path,
            SOUND.replace("volat", 'of = ["last"]\nvolat')
            + other.replace("since", 'of = ["mark"]\nsince'),
        )
        == []
    )


def test_all_flaws_are_told_at_once_and_nothing_is_applied(tmp_path):
    text = SOUND.replace("size = 3", "size = -1").replace('"halt"', '"hold"')
    with pytest.raises(Flawed, match="2 flaws") as caught:
        read(written(tmp_path, text))
    assert [flaw.line for flaw in caught.value.flaws] == [12, 16]
    assert f"{tmp_path / 'story.toml'}:12: size: the size -1 is negative" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_story_in_which_nothing_happens_is_flawed(tmp_path):
    assert told(tmp_path, 'title = "x"\nlasts = "1s"\n')[0][1] == "nothing happens"


def test_a_story_has_an_end_within_reason(tmp_path):
    text = SOUND.replace('"10s"', '"100d"')
    assert "would happen" in told(tmp_path, text)[0][1]


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_a_flaw(tmp_path, content):
    path = tmp_path / "story.toml"
    if content is not None:
        path.write_bytes(content)
    assert "cannot be read" in lint(path)[0].what


@pytest.mark.parametrize("text", ["path = 3\n", "[path]\nkind = 'walk'\n", "path = [1]\n"])
def test_a_table_that_is_none_is_a_flaw(tmp_path, text):
    found = told(tmp_path, text)
    assert any("no list of tables" in what for _, what, _ in found)


def test_points_lie_within_their_path(tmp_path):
    text = 'title = "x"\nlasts = "9s"\n[[path]]\nkind = "points"\nsince = "2s"\nuntil = "3s"\n'
    found = told(tmp_path, text + 'to = [\n["1s", 100],\n["4s", 100]]\n')
    assert [(line, what) for line, what, _ in found] == [
        (6, "the last point lies after the path ends"),
        (8, "the first point lies before the path begins"),
    ]


def test_the_line_of_a_key_is_found_whatever_stands_before_it(tmp_path):
    text = (
        'title = "a # no comment [["\nabout = """\n[[do]]\nat = 3\n"""\n'
        "lasts = '9s'  # [[path]]\n[[path]] # first\nkind = 'ramp'\nuntil = '3s'\n"
        "of = [ # [\n  'last',\n  'lust',\n]\ntarget = 0\n"
    )
    assert [line for line, _, _ in told(tmp_path, text)] == [10, 14]
