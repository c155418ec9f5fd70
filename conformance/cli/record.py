"""``conformance record``: put cases on tape, or serve a recording tap until interrupted."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import as_json, choosing, settings_of
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.contracts.adapter import Credentials, Endpoints
    from conformance.contracts.dialect import Venue
    from conformance.plugin.settings import Settings

FOLDER = "cassettes"


@click.command("record")
@choosing
@click.option("--venue", metavar="NAME", help="Dialect (default: the first one).")
@click.option("--adapter", metavar="MODULE:FACTORY", help="The code to record.")
@click.option("--seed", type=int, metavar="N", help="Seed of every world (default 0).")
@click.option("--folder", multiple=True, metavar="DIR", help="Folder with your own cases.")
@click.option("--env", metavar="NAME", help="Where the venue lives: sim or testnet.")
@click.option("--cassettes", metavar="DIR", default=FOLDER, show_default=True, help="Output.")
@click.option("--vcr", is_flag=True, help="Leave cassettes of vcrpy for REST as well.")
@click.option("--again", is_flag=True, help="Record whatever is on tape there once more.")
@click.option("--serve", is_flag=True, help="Run no case: serve the tap for any client.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="With --serve.")
@as_json
def command(
    *,
    venue: str | None,
    cassettes: str,
    vcr: bool,
    again: bool,
    serve: bool,
    port: int,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - options
) -> int:
    """Run cases against an adapter through the tap and keep what went over the wire.

    A tape is kept when it plays back to the same verdict; secrets never reach it. With --serve a
    tap stands before a simulator or a test network, as a reverse proxy and as an HTTP proxy for
    CONNECT, until SIGINT or SIGTERM; its first line on stdout says where. Exit codes: 0 every
    case was kept or is not applicable, 1 not so, 2 usage, 3 could not judge.
    """
    from conformance import venues  # noqa: PLC0415 - what follows is slow to load

    names = (venue or venues.names()[0],)
    settings = settings_of(venue=names, cassettes=cassettes, **asked)
    if settings.env == "replay":
        raise UsageError("a tape cannot be recorded from a tape", hint="name sim or testnet")
    if serve:
        asyncio.run(_serve(settings, port))
        return 0
    return _record(settings, vcr=vcr, again=again, as_json=as_json)


def _record(settings: Settings, *, vcr: bool, again: bool, as_json: bool) -> int:
    """Put cases on tape; tell each."""
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance import venues  # noqa: PLC0415
    from conformance.evidence.verdicts import Verdict  # noqa: PLC0415
    from conformance.plugin import discovery, taping  # noqa: PLC0415
    from conformance.plugin.environments import environment, shelf  # noqa: PLC0415
    from conformance.plugin.selection import verify  # noqa: PLC0415

    venue = venues.load(settings.venue[0])
    cases = discovery.all_cases(settings.folder)
    verify(settings.case, cases)
    tasks = taping.shelved(settings, cases) if again else taping.chosen(settings, cases, vcr=vcr)
    told, lost = [], 0
    for task in tasks:
        done = taping.tape_case(
            task,
            venue=venue,
            adapter_factory=discovery.load_adapter(task.adapter),
            environment=environment(settings, venue),
            folder=shelf(settings.cassettes, venue.name, task.adapter),
            seed=settings.seed,
        )
        lost += done.kept is None and done.verdict is not Verdict.NOT_APPLICABLE
        kept = str(done.kept or "")
        told.append({"case": done.key, "verdict": done.verdict, "tape": kept, "why": done.why})
        if not as_json:
            click.echo(f"{'kept' if kept else '----'}  {done.key}  {kept or done.why}")
    if as_json:
        click.echo(orjson.dumps(told))
    return 1 if lost else 0


async def _serve(settings: Settings, port: int) -> None:
    import orjson  # noqa: PLC0415 - what follows is slow to load

    from conformance import venues  # noqa: PLC0415
    from conformance.evidence.redaction import Redactor  # noqa: PLC0415
    from conformance.plugin.environments import shelf  # noqa: PLC0415
    from conformance.tap import Tap  # noqa: PLC0415
    from conformance.tap.tape import SUFFIX, Tape, Taped  # noqa: PLC0415

    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    venue = venues.load(settings.venue[0])
    path = shelf(settings.cassettes, venue.name, "served") / f"session{SUFFIX}"
    async with _venue(settings, venue) as (behind, credentials):
        tape = Tape(path, Redactor(credentials), venue=venue.name, key_kind=credentials.kind)
        transcript = Taped(tape)
        try:
            async with Tap(venue, behind, credentials, port=port, transcript=transcript) as tap:
                told = _introduction(tap.endpoints, credentials, settings, path)
                click.echo(orjson.dumps(told | {"proxy": tap.proxy, "ca_file": tap.ca_file}))
                await over.wait()
        finally:
            tape.close()


@asynccontextmanager
async def _venue(settings: Settings, venue: Venue) -> AsyncIterator[tuple[Endpoints, Credentials]]:
    """Give the venue to stand before: a simulator of ours, or a test network."""
    if settings.env == "testnet":
        from conformance.plugin.keys import target  # noqa: PLC0415 - when asked

        yield target(venue)
        return
    from conformance.sim import Simulator  # noqa: PLC0415 - when asked

    async with Simulator(venue, seed=settings.seed) as simulator:
        yield simulator.endpoints, simulator.credentials[0]


def _introduction(
    endpoints: Endpoints, credentials: Credentials, settings: Settings, path: Path
) -> dict[str, Any]:
    """Say where the tap listens; keys only when they are throw-away ones of our own."""
    told: dict[str, Any] = {
        "venue": endpoints.venue,
        "rest": endpoints.rest,
        "streams": endpoints.streams,
        "tape": str(path),
    }
    if settings.env == "sim":
        told["credentials"] = [
            {"kind": credentials.kind, "key": credentials.key, "secret": credentials.secret}
        ]
    return told
