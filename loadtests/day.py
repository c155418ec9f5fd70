"""Let a client live through a trading day in virtual time, and see whether it got lost.

Orders all day, random cuts of its streams and executions while they are down, funding every eight
hours, stream keys to be kept alive, the venue's close after 24 hours. Run by ``make soak`` for the
reference client, and for other people's clients by ``--adapter``. In the end client and exchange
must agree on every order, execution and position, and the ledger must sum to zero.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from conformance import venues, virtual
from conformance.contracts.adapter import Adapter, AdapterFactory
from conformance.errors import AdapterError
from conformance.model.commands import SetFunding
from conformance.model.orders import Fill, Kind, OrderRequest, Side, TimeInForce
from conformance.model.outcomes import Accepted
from conformance.model.wire import Operation
from conformance.plugin.discovery import load_adapter
from conformance.sim import SimWorld

VENUE = "binance_usdm"
REFERENCE = "conformance.client:ReferenceClient"
CODES = (1000, 1001, 1006, 1008, 1011, 1012)
"""How the venue ends a stream."""
FUNDING_RATES = (12_000, -7_500, 10_000)
"""In 1e-8 of the notional, in turn."""
NEAR_TICKS = 10
"""Where an order rests that is to be filled in the client's absence."""
SETTLE_MS = 180_000
"""How long a client may take to agree with the exchange in the end."""
LOOK_MS = 3_000
"""How often it is looked whether they do: each look compares everything of the day."""
REAL_S_MAX = 900.0
HOUR_S = 3600


@dataclass(slots=True)
class Day:
    """What came of a day."""

    orders: int = 0
    accepted: int = 0
    cuts: int = 0
    unheard: int = 0
    """Executions that happened while the streams were cut."""
    fundings: int = 0
    ended: int = 0
    """Streams that the venue itself has ended, as it does after a day."""
    renewals: int = 0
    virtual_s: float = 0.0
    real_s: float = 0.0
    busy_s: float = 0.0
    """Time of the processor."""
    findings: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Virtual seconds for each real one."""
        return self.virtual_s / self.real_s if self.real_s else 0.0


class Trader:
    """Plays the day: half of the orders rest and are cancelled, half cross and are filled."""

    def __init__(self, adapter: Adapter, world: SimWorld, seed: int) -> None:
        self._adapter = adapter
        self._world = world
        self._chance = Random(f"day {seed}")  # noqa: S311 - a story, not a secret
        self.accepted = 0
        self.unheard = 0

    async def trade(self, orders: int, hours: float) -> None:
        """Send ``orders`` spread over ``hours``."""
        pause_s = hours * HOUR_S / max(1, orders)
        for number in range(orders):
            side = Side.BUY if number % 4 < 2 else Side.SELL
            await (self._rest(side) if number % 2 else self._cross(side))
            await asyncio.sleep(pause_s * self._chance.uniform(0.5, 1.5))

    async def cut(self, times: int, hours: float) -> None:
        """End the streams ``times`` over ``hours``; each time an order is filled meanwhile."""
        instants = sorted(self._chance.uniform(0, hours * HOUR_S) for _ in range(times))
        for before, instant in zip([0.0, *instants], instants, strict=False):
            await asyncio.sleep(instant - before)
            await self._absent(self._chance.choice(tuple(Side)), self._chance.choice(CODES))

    async def _absent(self, side: Side, code: int) -> None:
        """Let an order be filled when the streams have just been cut."""
        request = self._world.request(side, ticks_away=NEAR_TICKS)
        placed = await self._adapter.place(request)
        self._world.faults.close_streams(code)
        if isinstance(placed, Accepted):
            self._world.market.take(side.opposite, request.quantity)
            self.unheard += 1

    async def _rest(self, side: Side) -> None:
        request = self._world.request(side)
        outcome = await self._adapter.place(request)
        self.accepted += isinstance(outcome, Accepted)
        await asyncio.sleep(self._chance.uniform(0.1, 2))
        await self._adapter.cancel(request.symbol, client_id=request.client_id or "")

    async def _cross(self, side: Side) -> None:
        world = self._world
        price, quantity = world.price(-5, side), world.quantity(self._chance.randint(0, 3))
        world.market.rest(side.opposite, price, quantity)
        request = OrderRequest(
            symbol=world.symbol,
            side=side,
            quantity=quantity,
            kind=Kind.LIMIT,
            price=price,
            time_in_force=TimeInForce.GTC,
            client_id=world.client_id(),
        )
        self.accepted += isinstance(await self._adapter.place(request), Accepted)


def play(
    factory: AdapterFactory, *, orders: int, cuts: int, hours: float = 24.0, seed: int = 0
) -> Day:
    """Let an adapter live through a day and say what came of it."""
    day = Day(orders=orders, cuts=cuts)
    began, busy = time.perf_counter(), time.process_time()
    limit_ms = round((hours + 2) * HOUR_S * 1000)
    virtual.run(
        lambda: _live(factory, day, hours, seed),
        virtual_limit_ms=limit_ms,
        real_limit_s=REAL_S_MAX,
        seed=f"day {seed}",
    )
    day.real_s, day.busy_s = time.perf_counter() - began, time.process_time() - busy
    return day


async def _live(factory: AdapterFactory, day: Day, hours: float, seed: int) -> None:
    loop = asyncio.get_running_loop()
    async with SimWorld(venues.load(VENUE), seed=seed, case_id="DAY") as world:
        adapter = factory(world.endpoints, world.credentials)
        world.factory = factory
        began = loop.time()
        try:
            await adapter.start()
            await _spend(adapter, world, day, hours, seed)
        finally:
            await adapter.stop()
            day.virtual_s = loop.time() - began
        _books(world, day)


async def _spend(adapter: Adapter, world: SimWorld, day: Day, hours: float, seed: int) -> None:
    trader = Trader(adapter, world, seed)
    with _noted(day, "the client raises nothing unforeseen"):
        async with asyncio.TaskGroup() as group:
            group.create_task(trader.trade(day.orders, hours))
            group.create_task(trader.cut(day.cuts, hours))
            group.create_task(_fund(world, day, hours))
    # The venue ends every stream after a day, whoever is on it.
    day.ended = world.faults.close_streams(1001).delivered
    day.accepted, day.unheard = trader.accepted, trader.unheard
    await _agree(adapter, world, day)


async def _fund(world: SimWorld, day: Day, hours: float) -> None:
    """Let funding fall due three times a day, and mark move in between."""
    home = world.reference_price()
    for hour in range(int(hours)):
        rate = FUNDING_RATES[hour // 8 % len(FUNDING_RATES)]
        world.shell.command(SetFunding(world.symbol, rate, 8))
        world.market.mark(home + (hour % 5 - 2) * world.listing.tick)
        day.fundings += (hour + 12) % 8 == 7
        await asyncio.sleep(HOUR_S)


async def _agree(adapter: Adapter, world: SimWorld, day: Day) -> None:
    """Wait until client and exchange say the same; keep what they differ in."""
    for what, told, true in (
        ("executions", lambda: _counted(adapter.fills()), lambda: _counted(world.truth.fills())),
        ("orders", lambda: _told(adapter, world), lambda: _ended(world)),
        ("positions", lambda: _legs(adapter.held()), lambda: _legs(world.truth.positions())),
    ):
        claim = f"client and exchange agree on {what}"
        with _noted(day, claim):
            for _ in range(SETTLE_MS // LOOK_MS):
                if told() == true():
                    break
                await world.quiet(LOOK_MS)
            else:
                day.findings.append(f"{claim}: {_apart(told(), true())}")


def _books(world: SimWorld, day: Day) -> None:
    """Read from the transcript and the ledger what the client cannot say."""
    day.renewals = len(world.wire.calls(Operation.STREAM_KEY_EXTEND))
    for balance in world.truth.balances():
        if total := world.truth.ledger_sum(balance.asset):
            day.findings.append(f"the ledger of {balance.asset} sums to {total}")
    if not day.ended:
        day.findings.append("no stream was open when the day ended")
    if day.unheard != day.cuts:
        day.findings.append(f"{day.cuts - day.unheard} of {day.cuts} orders at cuts not accepted")
    if day.accepted != day.orders:
        day.findings.append(f"{day.orders - day.accepted} of {day.orders} orders not accepted")


def _counted(fills: Sequence[Fill]) -> set[tuple[str, str, Decimal]]:
    return {(fill.symbol, fill.trade_id, fill.quantity) for fill in fills}


def _told(adapter: Adapter, world: SimWorld) -> dict[str, str]:
    own = {order.client_id for order in world.truth.orders()}
    return {order.client_id: order.status for order in adapter.orders() if order.client_id in own}


def _ended(world: SimWorld) -> dict[str, str]:
    return {order.client_id: order.status for order in world.truth.orders()}


def _legs(positions: Sequence[object]) -> set[tuple[object, ...]]:
    return {
        (leg.symbol, leg.position_side, leg.quantity)  # type: ignore[attr-defined]
        for leg in positions
    }


def _apart(told: object, true: object) -> str:
    """Say how two collections differ, in numbers."""
    if isinstance(told, dict) and isinstance(true, dict):
        wrong = sum(told[key] != true[key] for key in told.keys() & true.keys())
        return f"{len(true.keys() - told.keys())} missing, {wrong} in another state"
    if isinstance(told, set) and isinstance(true, set):
        return f"{len(true - told)} missing, {len(told - true)} too many"
    return ""


@contextmanager
def _noted(day: Day, claim: str) -> Iterator[None]:
    """Turn what goes wrong into a finding of the day."""
    try:
        yield
    except (AdapterError, ExceptionGroup) as error:
        first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        day.findings.append(f"{claim}: {type(first).__name__}: {first}")


def report(day: Day, tell: Callable[[str], object] = print) -> int:
    """Say what came of a day; return the exit code."""
    time_told = f"{day.virtual_s / HOUR_S:.1f} h in {day.real_s:.1f} s, {day.busy_s:.1f} s of them"
    tell(f"{time_told} busy ({day.ratio:,.0f} virtual seconds a second)")
    tell(
        f"{day.accepted} of {day.orders} orders accepted, {day.cuts} cuts with {day.unheard} "
        "fills meanwhile, "
        f"{day.fundings} fundings, {day.renewals} stream key renewals, "
        f"{day.ended} streams ended by the venue after a day"
    )
    for finding in day.findings:
        tell(f"found wanting: {finding}")
    tell("agrees with the exchange" if not day.findings else "NOT SOUND")
    return 1 if day.findings else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Live a day, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default=REFERENCE, help="module:factory of the client")
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    return report(
        play(
            load_adapter(chosen.adapter),
            orders=chosen.orders,
            cuts=chosen.cuts,
            hours=chosen.hours,
            seed=chosen.seed,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
