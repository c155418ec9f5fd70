"""The command: finds the file of a subcommand when it is called, and ends with an honest code.

0 conforms, 1 findings, 2 usage, 3 the tool could not judge.
"""

from __future__ import annotations

import sys
import traceback
from difflib import get_close_matches
from importlib import import_module

import click

from conformance import __version__
from conformance.errors import ConformanceError, InvariantBroken

COULD_NOT_JUDGE = 3
COMMANDS = {
    "run": "Run cases against an adapter.",
    "certify": "Run every case and write every report.",
    "list": "Show cases, monitors, mutants or venues.",
    "explain": "Say what a case claims, and why it is believed.",
    "mutants": "Prove the cases: faulty adapters must be caught.",
    "sim": "Serve a simulated venue until interrupted.",
    "stress": "Many bots at the allowed rate: latencies, leaks, a ledger.",
    "record": "Put cases on tape, or serve a recording tap.",
    "scenario": "Market stories: list, check, draw and play them.",
    "report": "Render reports again from a journal, or verify them.",
    "vectors": "Golden signing cases: record them from official SDKs, check our signer.",
}
"""Subcommands with what they do; each lives in a file of its name."""


class LazyGroup(click.Group):
    """Loads a subcommand's file only when it is needed."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import one subcommand."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"conformance.cli.{name}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a subcommand; name the nearest when there is none of that name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"commands are {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command {args[0]!r}: {meant}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="conformance")
def cli() -> None:
    """Prove that a trading client survives its exchange."""


def main() -> None:
    """Run the command; tell our own errors in a sentence with a hint, without a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        code = COULD_NOT_JUDGE
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ConformanceError as error:
        _tell(error.message, error.hint)
        code = error.exit_code
    except InvariantBroken as error:
        _tell(f"a promise of our own does not hold: {error}", "please report it, with the seed")
        code = COULD_NOT_JUDGE
    except Exception as error:  # noqa: BLE001 - our own crash must not be taken for findings
        code = COULD_NOT_JUDGE
        if isinstance(error, OSError) and error.filename is not None:
            _tell(f"{error.filename}: {error.strerror}", "name a file or folder that can be used")
        else:
            traceback.print_exc()
            _tell("the tool failed itself", "please report it, with what stands above")
    sys.exit(code)


def _tell(message: str, hint: str) -> None:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
