"""Run pytest with our own configuration, so that the user's cannot interfere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.errors import ConformanceError, UsageError
from conformance.evidence import journal
from conformance.evidence.reading import Run, load
from conformance.evidence.verdicts import COULD_NOT_JUDGE
from conformance.plugin.discovery import SUITES, all_cases, load_adapter
from conformance.plugin.environments import ready
from conformance.plugin.selection import choose, verify

if TYPE_CHECKING:
    from conformance.cli.progress import Progress
    from conformance.plugin.settings import Settings

INI = Path(__file__).with_name("pytest.ini")


def drive(settings: Settings, workers: int, progress: Progress) -> tuple[Run, int]:
    """Run the chosen cases; return what the journal tells, and the exit code.

    Raises UsageError before anything runs when the settings name what does not exist.
    """
    cases = all_cases(settings.folder)
    verify(settings.case, cases)
    load_adapter(settings.adapter)
    ready(settings)
    if not any(True for _ in choose(cases, level=settings.level, names=settings.case)):
        raise UsageError("no case is chosen", hint="see `conformance list`, or raise --level")
    with _no_plugins_of_the_user():
        status = pytest.main(_arguments(settings, workers), plugins=[progress])
    progress.close()
    if not (settings.report / journal.FILE).exists():
        raise ConformanceError("no case could be run", hint="\n".join(progress.troubles))
    run = load(settings.report)
    cut_short = progress.troubles or status == pytest.ExitCode.INTERRUPTED
    return run, (run.exit_code or COULD_NOT_JUDGE) if cut_short else run.exit_code


def _arguments(settings: Settings, workers: int) -> list[str]:
    arguments = [str(SUITES), *map(str, settings.folder)]
    arguments += ["-c", str(INI), "--rootdir", str(Path.cwd()), "--noconftest"]
    for plugin in ("no:terminal", "no:cacheprovider", "no:junitxml", "xdist", "conformance"):
        arguments += ["-p", plugin]
    if workers:
        arguments += ["-n", str(workers)]
    for name in settings.venue:
        arguments += ["--conformance-venue", name]
    for name in settings.case:
        arguments += ["--conformance-case", name]
    for folder in settings.folder:
        arguments += ["--conformance-folder", str(folder)]
    for name in ("adapter", "level", "seed", "report", "env"):
        arguments += [f"--conformance-{name}", str(getattr(settings, name))]
    if settings.cassettes is not None:
        arguments += ["--conformance-cassettes", str(settings.cassettes)]
    return arguments


@contextlib.contextmanager
def _no_plugins_of_the_user() -> Iterator[None]:
    """Keep pytest from loading plugins and options that the user's environment names."""
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before = {name: os.environ.get(name) for name in (*ours, "PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    for name in before:
        os.environ.pop(name, None)
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
