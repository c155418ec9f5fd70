"""Options that several subcommands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from conformance.plugin.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

WORKERS_DEFAULT = 2
MANY_CASES = 3
"""From how many named cases on it pays to start workers."""

_VENUE = click.option(
    "--venue", multiple=True, metavar="NAME", help="Dialect; repeatable (default all)."
)
_SEED = click.option("--seed", type=int, metavar="N", help="Seed of every world (default 0).")
_FOLDER = click.option(
    "--folder", multiple=True, metavar="DIR", help="Folder with your own cases; may be repeated."
)
_WORKERS = click.option(
    "--workers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes to share the cases (default 2; 0: none beside this one).",
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def running(function: F) -> F:
    """Add what every run can be told."""
    for option in (
        click.option("--report", metavar="DIR", help="Evidence folder (default reports/latest)."),
        click.option("--env", metavar="NAME", help="Where the venue lives: sim, replay, testnet."),
        click.option("--cassettes", metavar="DIR", help="Tapes to replay (default: as shipped)."),
        _WORKERS,
        _FOLDER,
        _SEED,
        click.option("--adapter", metavar="MODULE:FACTORY", help="The code under test."),
        _VENUE,
    ):
        function = option(function)
    return function


def choosing(function: F) -> F:
    """Add the choice of cases."""
    function = click.option("--level", type=int, metavar="N", help="Highest level (default 4).")(
        function
    )
    return click.option(
        "--case", multiple=True, metavar="ID", help="Case, case with example, or area."
    )(function)


def settings_of(**asked: Any) -> Settings:  # noqa: ANN401 - whatever options there are
    """Resolve options over the file of the present folder, whose modules become importable."""
    from conformance.plugin.settings import resolve  # noqa: PLC0415 - slow to load

    here = Path.cwd()
    if str(here) not in sys.path:
        sys.path.insert(0, str(here))
    return resolve(asked, here)


def workers_for(settings: Settings, workers: int | None) -> int:
    """Return how many processes to start: as asked, or as the machine and the choice suggest."""
    if workers is not None:
        return workers
    few = 0 < len(settings.case) < MANY_CASES
    return 0 if few or (os.cpu_count() or 1) < WORKERS_DEFAULT else WORKERS_DEFAULT
