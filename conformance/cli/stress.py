"""``conformance stress``: many bots at the rate that is allowed, honest latencies, a ledger."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance.cli.options import as_json

if TYPE_CHECKING:
    from conformance.load.record import Record
    from conformance.load.runs import Asked

F = TypeVar("F", bound=Callable[..., Any])

REFERENCE = "conformance.load.compact:reference"
RATES = "max (published limits), messages a second of each bot, or 2x:FILE (journal or CSV)."
DRIVES = "Who sends: locust's users, the adapter under test, or one after the other."
TIME = "Such as 500ms, 60s or 10m."
GROWTH = "Rate of the last step over the first."
BUDGET = "Share of messages that may fail."
BOUND = "Bound of the corrected 99th percentile (default 0: none)."
PROFILE = "What bots do: market-maker, taker, burst or storm."


def _counted(name: str, most: int, usual: int, does: str) -> Callable[[F], F]:
    """Return an option that takes a whole number from 1 to ``most``."""
    kind = click.IntRange(1, most)
    return click.option(name, type=kind, default=usual, show_default=True, metavar="N", help=does)


@click.command("stress")
@click.option("--venue", metavar="NAME", help="Dialect (default: the first one).")
@_counted("--bots", 10_000, 10, "Each with an account and an address of its own.")
@_counted("--symbols", 1_000, 1, "In how many they trade.")
@click.option("--rate", default="max", show_default=True, metavar="RATE", help=RATES)
@click.option(
    "--duration", default="10s", show_default=True, metavar="TIME", help="500ms, 60s, 10m."
)
@click.option("--profile", default="market-maker", show_default=True, metavar="NAME", help=PROFILE)
@click.option(
    "--drive",
    type=click.Choice(["locust", "adapter", "both"]),
    default="both",
    show_default=True,
    help=DRIVES,
)
@click.option("--adapter", metavar="MODULE:FACTORY", default=REFERENCE, help="The code under test.")
@_counted("--workers", 64, 1, "Processes that share the bots.")
@_counted("--steps", 50, 1, "Steps of a ramp to the knee.")
@click.option("--growth", type=float, default=10.0, show_default=True, metavar="X", help=GROWTH)
@click.option("--listen", is_flag=True, help="Let locust's bots read their streams as well.")
@click.option("--lifted", is_flag=True, help="Lift the published limits, to look for the knee.")
@click.option("--errors", type=float, default=0.001, show_default=True, metavar="X", help=BUDGET)
@click.option("--p99", type=float, default=0.0, metavar="MS", help=BOUND)
@click.option("--master", is_flag=True, help="Wait for --workers elsewhere (locust only).")
@click.option("--worker", is_flag=True, help="Be one of the workers of a master elsewhere.")
@click.option(
    "--master-host", default="127.0.0.1", show_default=True, metavar="IP", help="Of the master."
)
@_counted("--master-port", 65_535, 5557, "Of the master.")
@click.option(
    "--report", default="reports/stress", show_default=True, metavar="DIR", help="Evidence folder."
)
@as_json
def command(*, as_json: bool, **asked: Any) -> int:  # noqa: ANN401 - options
    """Let many bots trade at the rate that is allowed, and account for every order.

    A simulator of its own is started for every drive; each bot has an account and an address of
    its own. Latencies are measured from the instant a message was to be sent, whatever came of
    the one before it. Exit codes: 0 conforms, 1 findings, 2 usage, 3 could not judge.
    """
    from conformance.evidence import journal  # noqa: PLC0415 - slow to load
    from conformance.load import runs  # noqa: PLC0415

    if asked.pop("worker"):
        journal.furnish(folder := Path(asked["report"]))
        log = folder / runs.LOG
        return asyncio.run(_follow(asked["master_host"], asked["master_port"], log))
    wanted = runs.resolve(asked)
    return _tell(asyncio.run(_carry_out(wanted, quiet=as_json)), wanted, as_json=as_json)


def _signalled() -> asyncio.Event:
    """Return an event that is set by SIGINT and by SIGTERM."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    return over


async def _follow(host: str, port: int, log: Path) -> int:
    """Work for a master elsewhere; the plan is the master's, and so is the report."""
    from conformance.load import drive  # noqa: PLC0415 - slow to load

    return await drive.follow(host, port, log, _signalled())


async def _carry_out(wanted: Asked, *, quiet: bool) -> list[Record]:
    from conformance.load import runs  # noqa: PLC0415 - slow to load

    over = _signalled()
    progress = (lambda _record: None) if quiet else _show
    return await runs.carry_out(wanted, over=over, progress=progress)


def _tell(records: list[Record], wanted: Asked, *, as_json: bool) -> int:
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance.load import report  # noqa: PLC0415

    document = report.write(records, wanted)
    if as_json:
        click.echo(orjson.dumps(document))
    else:
        for line in report.lines(document):
            click.echo(line)
        click.echo(f"Evidence: {wanted.report / report.PAGE}, and more beside it")
    return int(document["exit_code"])


def _show(record: Record) -> None:
    """Show one line a second: what the venue answered, and the newest latencies."""
    statuses = record.venue_seconds[-1]["statuses"]
    told = " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()))
    second = len(record.venue_seconds) - record.venue_begun
    newest = record.seconds[max(record.seconds)].corrected.summary() if record.seconds else None
    p99_ms = newest.p99 / 1000 if newest else 0.0
    click.echo(
        f"{record.drive:8} {second:4d} s  p99 {p99_ms:8.1f} ms  {told or 'no answers'}", err=True
    )
