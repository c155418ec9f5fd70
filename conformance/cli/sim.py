"""``conformance sim``: serve a simulated venue until interrupted."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import click

from conformance.errors import HostRefused, UsageError

if TYPE_CHECKING:
    from conformance.sim import Simulator


@click.command("sim")
@click.option("--venue", metavar="NAME", help="Dialect (default: the first one).")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="IP", help="Loopback.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Default 0: any free one."
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="Of the keys and of the other participants.",
)
@click.option("--tls", is_flag=True, help="Serve https and wss with a certificate of our own.")
@click.option("--quiet-market", is_flag=True, help="Let the other participants do nothing.")
@click.option(
    "--lag-ms",
    type=click.IntRange(0, 60_000),
    default=5,
    show_default=True,
    metavar="MS",
    help="How long frames take: some clients look for answers only after they have sent.",
)
@click.option("--scenario", metavar="NAME", help="Play a story (`scenario list`) or a .toml file.")
@click.option("--symbol", default="", metavar="NAME", help="Where to play the story.")
def command(
    *,
    venue: str | None,
    host: str,
    port: int,
    seed: int,
    tls: bool,
    quiet_market: bool,
    lag_ms: int,
    scenario: str | None,
    symbol: str,
) -> int:
    """Serve a simulated venue on loopback until SIGINT or SIGTERM.

    The first line on stdout is a JSON object: venue, rest, streams, ca_file, extra, credentials
    (throw-away keys of one funded account).
    """
    from conformance import scenarios, venues  # noqa: PLC0415 - what follows is slow to load
    from conformance.sim import Simulator  # noqa: PLC0415

    _loopback(host)
    if symbol and not scenario:
        raise UsageError("--symbol says where a story is played", hint="name a --scenario too")
    chosen = venues.load(venue or venues.names()[0])
    simulator = Simulator(
        chosen,
        seed=seed,
        host=host,
        port=port,
        tls=tls,
        lively=not quiet_market,
        lag_ms=lag_ms,
        story=scenarios.load(scenario) if scenario else None,
        symbol=symbol,
    )
    asyncio.run(_serve(simulator))
    return 0


async def _serve(simulator: Simulator) -> None:
    import orjson  # noqa: PLC0415 - slow to load

    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    async with simulator:
        click.echo(orjson.dumps(_introduction(simulator)))
        await over.wait()


def _introduction(simulator: Simulator) -> dict[str, Any]:
    endpoints = simulator.endpoints
    return {
        "venue": endpoints.venue,
        "rest": endpoints.rest,
        "streams": endpoints.streams,
        "ca_file": endpoints.ca_file,
        "extra": dict(endpoints.extra),
        "credentials": [
            {"kind": c.kind, "key": c.key, "secret": c.secret, "passphrase": c.passphrase}
            for c in simulator.credentials
        ],
    }


def _loopback(host: str) -> None:
    from conformance.guard import permit  # noqa: PLC0415 - slow to load

    try:
        permit(f"http://[{host}]" if ":" in host else f"http://{host}")
    except HostRefused as error:
        raise HostRefused(
            f"the simulator does not listen on {host}: {error.message}",
            hint="it hands out keys to anyone; listen on 127.0.0.1",
        ) from None
