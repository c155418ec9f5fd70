"""The simulator as a child process, its published budgets lifted so that load can reach it.

It says on its first line where it listens and which key opens it, and runs until its input
closes. Leaving checks the ledger: an exit code of zero says that it sums to zero.
"""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.dialect import Venue
from conformance.model.orders import Side
from conformance.sim import Simulator, SimWorld
from conformance.venues import load

NAME = "binance_usdm"
UNITS = 10**9
DEPTH = Decimal(900)
RESTING_TICKS_AWAY = 5_000


def lifted() -> Venue:
    """Return the venue with budgets that no load exhausts."""
    venue = load(NAME)
    for name, limit in venue.facts["limits"].items():
        if name != "source":
            limit["units"] = UNITS
    return venue


def tell(endpoints: Endpoints, credentials: Credentials, **more: str) -> None:
    """Say where the venue is."""
    ready = {
        "venue": NAME,
        "rest": endpoints.rest,
        "streams": endpoints.streams,
        "key": credentials.key,
        "secret": credentials.secret,
        **more,
    }
    print(json.dumps(ready), flush=True)


async def end_of_input() -> None:
    """Wait until the parent has had enough."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def deep() -> None:
    """Serve the world of one case, with a book that no taker empties."""
    async with SimWorld(lifted()) as world:
        for side in Side:
            world.market.rest(side, world.price(1, side), DEPTH)
        tell(
            world.endpoints,
            world.credentials,
            symbol=world.symbol,
            quantity=str(world.quantity()),
            price=str(world.price(RESTING_TICKS_AWAY, Side.BUY)),
        )
        await end_of_input()


async def alone() -> None:
    """Serve the stand-alone simulator with its market makers."""
    venue = lifted()
    async with Simulator(venue) as simulator:
        listing = venue.listings[0]
        price = listing.initial_price - RESTING_TICKS_AWAY * listing.tick
        quantity = 2 * listing.min_notional / price
        tell(
            simulator.endpoints,
            simulator.credentials[0],
            symbol=listing.symbol,
            quantity=listing.quantities.text(listing.quantities.floor(quantity)),
            price=str(price),
        )
        await end_of_input()


if __name__ == "__main__":
    asyncio.run(alone() if sys.argv[1:] == ["alone"] else deep())
