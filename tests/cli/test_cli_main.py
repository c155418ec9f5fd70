"""The command as a whole: every option is explained, and no crash is taken for a finding."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from conformance.cli import main as command
from conformance.errors import ConfigError, InvariantBroken


def _all(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield f"{path} {name}", found
        if isinstance(found, click.Group):
            yield from _all(found, f"{path} {name}")


EVERY = dict(_all(command.cli, "conformance"))


@pytest.mark.parametrize("name", EVERY)
def test_every_option_says_what_it_is_for(name: str) -> None:
    options = [each for each in EVERY[name].params if isinstance(each, click.Option)]
    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("name", [name for name in EVERY if name.count(" ") > 1])
def test_every_subcommand_says_in_a_line_what_it_does(name: str) -> None:
    assert EVERY[name].get_short_help_str(limit=60)[-3:] not in ("", "...")


def ended_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> object:
    def crash(**_options: object) -> None:
        raise error

    monkeypatch.setattr(command.cli, "main", crash)
    with pytest.raises(SystemExit) as ended:
        command.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConfigError("bad", hint="mend it"), 2, "error: bad\nhint: mend it\n"),
        (click.UsageError("what?"), 2, "Error: what?\n"),
        (click.exceptions.Abort(), 3, "interrupted\n"),
        (InvariantBroken("odd"), 3, "error: a promise of our own does not hold: odd\n"),
        (FileNotFoundError(2, "No such file", "x.svg"), 3, "error: x.svg: No such file\n"),
    ],
)
def test_what_is_foreseen_is_told_without_a_traceback(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended_by(error, monkeypatch) == code
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


@pytest.mark.parametrize("error", [KeyError("boo"), OSError("of no file")])
def test_a_crash_of_ours_is_no_finding_and_is_told_whole(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_by(error, monkeypatch) == 3
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert "error: the tool failed itself" in said
