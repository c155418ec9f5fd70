"""The simulated venue of a stress run, in a process of its own.

``python -m conformance.load.venue`` reads what is wanted from its first line of input, says on its
first line of output where each bot finds the venue, tells every second how it is doing, and obeys
one command a line until its input ends. Its exit code is 0 when its own ledger sums to zero.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from conformance import venues
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.contracts.core import Core
from conformance.contracts.dialect import ServerHalf, Venue
from conformance.errors import InvariantBroken
from conformance.gateway.ground import least_lots
from conformance.gateway.server import Server
from conformance.load.sampling import Sampler
from conformance.load.watch import Storm, Watch, rate_codes
from conformance.model.commands import PlaceOrder, SetLeverage
from conformance.model.instruments import Listing
from conformance.model.money import from_atoms
from conformance.model.orders import Kind, Side
from conformance.sim.market import MAKER
from conformance.sim.shell import HOST, Shell

RING = 1_000
DEPTH_LOTS = 10**5
"""What rests on either side of each book, so that takers are served."""
AWAY = Decimal("0.03")
"""How far below the market bots rest their orders, as a fraction."""
UNITS = 10**9
"""What a lifted budget allows."""


class House:
    """The venue with one account, one key and one port for each bot."""

    def __init__(self, venue: Venue, bots: int, symbols: int, *, lifted: bool) -> None:
        if lifted:
            venue = _lifted(venue)
        self.watch: Watch
        self._venue = venue
        self._listings = venue.listings[:symbols]
        self._bots = bots
        self._shell = Shell(replace(venue, server=self._server), {}, ring=RING)
        self.seats: list[tuple[Endpoints, Credentials]] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen; raise InvariantBroken at the end when the ledger is not balanced."""
        async with AsyncExitStack() as stack:
            self._furnish()
            await self._shell.start()
            stack.push_async_callback(self._shell.stop)
            for bot in range(self._bots):
                credentials = self._venue.credentials(self._venue.key_kinds[0], bot)
                self._shell.fund(_account(bot))
                self._shell.add_account(_account(bot), credentials)
                server = Server(self._shell.desk, None)
                stack.push_async_callback(server.close)
                await server.listen(HOST, 0)
                self.seats.append((server.endpoints(self._venue), credentials))
            yield
        self._shell.check()

    def goods(self) -> list[dict[str, str]]:
        """Say what bots trade: prices at which orders rest, and a legal quantity."""
        return [self._goods(listing) for listing in self._listings]

    def begin_storm(self, after_s: float, for_s: float) -> None:
        """Throttle everyone for a while, some time from now."""
        begins = self._shell.clock.now() + int(after_s * 1000)
        self.watch.storm = Storm(begins, begins + int(for_s * 1000))

    def orders(self) -> list[list[Any]]:
        """Return every accepted order: client id, how often, venue id if still kept, resting."""
        kept: dict[str, tuple[str, bool]] = {}
        core = self._shell.core
        for bot in range(self._bots):
            for symbol in core.listings:
                for order in core.orders(_account(bot), symbol):
                    name = self.watch.order_id(order)
                    kept[order.client_id] = name, not order.status.terminal
        return [
            [client_id, times, *kept.get(client_id, ("", False))]
            for client_id, times in self.watch.accepted.items()
        ]

    def _server(self, core: Core, switches: Any) -> ServerHalf:  # noqa: ANN401 - a mapping
        codes = rate_codes(self._venue.facts)
        self.watch = Watch(self._venue.server(core, switches), codes)
        return self.watch

    def _furnish(self) -> None:
        """Fill the books so deep that no taker empties them."""
        shell = self._shell
        shell.fund(MAKER)
        for listing in self._listings:
            symbol = listing.symbol
            shell.command(SetLeverage(MAKER, symbol, 1))
            middle = listing.prices.floor(from_atoms(shell.core.mark(symbol)))
            lots = min(DEPTH_LOTS, listing.max_lots)
            for side in Side:
                price = middle - side.sign
                name = f"{MAKER}-{symbol}-{side.value}"
                shell.command(PlaceOrder(MAKER, symbol, side, Kind.LIMIT, lots, price, name))

    def _goods(self, listing: Listing) -> dict[str, str]:
        mark = from_atoms(self._shell.core.mark(listing.symbol))
        ticks = listing.prices.floor(mark * (1 - AWAY))
        price = listing.prices.value(ticks)
        return {
            "symbol": listing.symbol,
            "price": f"{price:f}",
            "amended": f"{listing.prices.value(ticks - 1):f}",
            "quantity": f"{listing.quantities.value(2 * least_lots(listing, mark, price)):f}",
        }


def _account(bot: int) -> str:
    return f"bot-{bot}"


def _lifted(venue: Venue) -> Venue:
    """Return the venue with budgets that no load exhausts."""
    limits = {
        name: limit | {"units": UNITS} if isinstance(limit, dict) else limit
        for name, limit in venue.facts["limits"].items()
    }
    return replace(venue, facts={**venue.facts, "limits": limits})


def seat(endpoints: Endpoints, credentials: Credentials) -> dict[str, Any]:
    """Return where a bot finds the venue, and its key, as JSON can say it."""
    return {
        "rest": endpoints.rest,
        "streams": endpoints.streams,
        "ca_file": endpoints.ca_file,
        "extra": [list(pair) for pair in endpoints.extra],
        "kind": credentials.kind,
        "key": credentials.key,
        "secret": credentials.secret,
        "passphrase": credentials.passphrase,
    }


def seated(venue: str, plain: dict[str, Any]) -> tuple[Endpoints, Credentials]:
    """Return what ``seat`` made plain."""
    extra = tuple((name, url) for name, url in plain["extra"])
    endpoints = Endpoints(venue, plain["rest"], plain["streams"], plain["ca_file"], extra)
    keys = (plain[name] for name in ("kind", "key", "secret", "passphrase"))
    return endpoints, Credentials(*keys)


async def serve(asked: dict[str, Any], lines: asyncio.StreamReader) -> None:
    """Serve until the input ends."""
    venue = venues.load(asked["venue"])
    house = House(venue, asked["bots"], asked["symbols"], lifted=asked["lifted"])
    async with house.open():
        tell("ready", seats=[seat(*each) for each in house.seats], goods=house.goods())
        telling = asyncio.create_task(_tell_on(house))
        try:
            while line := await lines.readline():
                _obey(house, json.loads(line))
        finally:
            telling.cancel()


def _obey(house: House, command: dict[str, Any]) -> None:
    if command["do"] == "storm":
        house.begin_storm(command["after_s"], command["for_s"])
    elif command["do"] == "account":
        watch = house.watch
        tell(
            "account",
            orders=house.orders(),
            violations=dict(watch.violations),
            noise=dict(watch.noise),
            told=len(watch.told_silence),
        )


async def _tell_on(house: House) -> None:
    sampler = Sampler()
    while True:
        await asyncio.sleep(1)
        statuses = dict(house.watch.statuses)
        house.watch.statuses.clear()
        tell("venue", statuses=statuses, sample=sampler.sample()._asdict())


def tell(kind: str, **more: object) -> None:
    """Write one line for whoever started this process."""
    sys.stdout.write(json.dumps({"kind": kind, **more}) + "\n")
    sys.stdout.flush()


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await serve(json.loads(await lines.readline()), lines)


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except InvariantBroken as error:
        sys.exit(str(error))
