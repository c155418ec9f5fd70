"""The command that lists, checks, draws and plays stories."""

from __future__ import annotations

import hashlib
import json

import pytest
from click.testing import CliRunner

from conformance import scenarios
from conformance.cli.scenario import command
from conformance.errors import UsageError


def run(*arguments, code=0):
    done = CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=True)
    assert done.exit_code == code, done.output
    return done.output


def test_list_names_every_story():
    rows = json.loads(run("list", "--json"))
    assert [row["scenario"] for row in rows] == list(scenarios.names())
    assert rows[0].keys() == {"scenario", "lasts", "title"}
    assert "flash-crash                1m  Flash crash\n" in run("list")


def test_show_writes_a_picture_and_tells_the_story(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "A calm market loses 8 %" in run("show", "flash-crash")
    assert (tmp_path / "flash-crash.svg").read_text().startswith("<svg ")
    run("show", "dead-market", "--to", tmp_path / "other.svg", "--seed", "3")
    assert "Dead market" in (tmp_path / "other.svg").read_text()


def test_lint_tells_flaws_and_ends_with_one(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('title = "x"\nlasts = "5s"\n[[do]]\nat = "1s"\ncommand = "hold"\n')
    said = run("lint", bad, code=1)
    assert said.startswith(f"{bad}:5: unknown command 'hold'; ")
    good = bad.with_name("good.toml")
    good.write_text(bad.read_text().replace("hold", "halt"))
    assert "1 sound" in run("lint", good)


def test_play_tells_what_happens_and_writes_the_journal_of_which_it_gives_the_digest(tmp_path):
    journal = tmp_path / "journal.jsonl"
    said = run("play", "gap-through-stop", "--journal", journal)
    assert "20.000 s  stop: asleep" in said
    digest = hashlib.sha256(journal.read_bytes()).hexdigest()
    assert said.endswith(f"{journal.read_text().count(chr(10))} events, sha256 {digest}\n")


def test_play_tells_what_was_refused(tmp_path):
    story = tmp_path / "wild.toml"
    story.write_text(
        'title = "x"\nlasts = "1s"\n[[actor]]\nkind = "taker"\nname = "wild"\nsize = 900000\n'
    )
    assert "refused  wild: PlaceOrder was refused: quantity-above-max" in run("play", story)


def test_an_unknown_story_is_a_usage_error():
    with pytest.raises(UsageError, match="did you mean"):
        CliRunner().invoke(command, ["play", "flush-crash"], catch_exceptions=False)
