"""Bots that are the adapter under test itself, several in one process, on the plan of a run.

``python -m conformance.load.swarm`` reads its orders from the first line of input, says ``ready``
when every adapter has started, begins at ``go``, and tells what it sees and uses until the end.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from conformance.contracts.adapter import Adapter, AdapterFactory
from conformance.errors import AdapterError
from conformance.load import orders
from conformance.load.fates import fate, kind
from conformance.load.orders import Goods
from conformance.load.plan import Action, Arrival, Plan
from conformance.load.sampling import Loop, Sampler
from conformance.load.tally import Tally
from conformance.load.venue import seated, tell
from conformance.model.outcomes import Outcome
from conformance.plugin.discovery import load_adapter

DRAIN_S = 1.0
SAMPLES = 150
"""How often a process is looked at in a run, about."""
SAMPLE_S_MIN, SAMPLE_S_MAX = 0.05, 5.0
OVERTIME_S = 15.0
"""How long bots may take beyond their plan."""
LAST_ANSWERS_S = 3.0
"""How long bots that were halted may wait for answers."""
STOP_S = 5.0


class Bot:
    """One adapter with an account of its own: one call at a time, never ahead of the plan."""

    def __init__(self, number: int, adapter: Adapter, goods: Sequence[Goods]) -> None:
        self.number = number
        self.adapter = adapter
        self._goods = goods
        self._order = -1

    async def live(self, plan: Plan, crew: Crew) -> None:
        """Live through the plan."""
        for arrival in plan.arrivals(self.number):
            wait_s = arrival.at_s - crew.now()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
                late_s = crew.now() - arrival.at_s
                crew.tally.second(arrival.at_s).lag.record(int(late_s * 1e6))
            if crew.halted:
                return
            await self._act(arrival, plan, crew)

    async def _act(self, arrival: Arrival, plan: Plan, crew: Crew) -> None:
        action = arrival.action
        if action in (Action.PLACE, Action.TAKE):
            self._order += 1
        elif self._order < 0:
            return
        client_id = plan.client_id(self.number, self._order)
        goods = self._goods[self._order % len(self._goods)]
        sent_s = crew.now()
        outcome = await self._ask(action, goods, client_id)
        told = kind(outcome)
        crew.tally.answered(arrival.at_s, sent_s, crew.now(), status=told, outcome=outcome)
        if (learnt := fate(action, outcome)) is not None:
            crew.tally.order(client_id, *learnt)

    async def _ask(self, action: Action, goods: Goods, client_id: str) -> Outcome[Any]:
        adapter = self.adapter
        if action in (Action.PLACE, Action.TAKE):
            take = action is Action.TAKE
            return await adapter.place(
                orders.request(goods, client_id, take=take, number=self._order)
            )
        if action is Action.CANCEL:
            return await adapter.cancel(goods.symbol, client_id=client_id)
        if action is Action.QUERY:
            return await adapter.order(goods.symbol, client_id=client_id)
        return await adapter.amend(
            goods.symbol, client_id=client_id, price=goods.amended, quantity=goods.quantity
        )


class Crew:
    """The bots of one process, and what they share."""

    def __init__(self, asked: dict[str, Any], factory: AdapterFactory) -> None:
        self.tally = Tally()
        self.halted = False
        self._plan = Plan(**asked["plan"])
        goods = orders.goods_of(asked["goods"])
        self._bots = [
            Bot(number, factory(*seated(self._plan.venue, seat)), goods)
            for number, seat in asked["seats"]
        ]
        self._sampler = Sampler()
        self._loop = asyncio.get_running_loop()
        self._start_s = 0.0

    def now(self) -> float:
        """Return the seconds since the common start."""
        return self._loop.time() - self._start_s

    async def start(self) -> None:
        """Start every adapter; raise AdapterError when one cannot."""
        await asyncio.gather(*(bot.adapter.start() for bot in self._bots))

    async def live(self, lead_s: float) -> None:
        """Let all bots live through the plan, and tell what happens meanwhile."""
        self._start_s = self._loop.time() + lead_s
        beside = [
            asyncio.create_task(work())
            for work in (self._drain_on, self._sample_on, self._sampler.watch_lag)
        ]
        try:
            async with asyncio.timeout(lead_s + self._plan.duration_s + OVERTIME_S):
                await asyncio.gather(*(self._live(bot) for bot in self._bots))
        except TimeoutError:
            tell("trouble", text=f"calls were unanswered {OVERTIME_S:g} s after the plan's end")
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            self._drain()

    async def _live(self, bot: Bot) -> None:
        """Let one bot live; an adapter that raises is told, and the others live on."""
        try:
            await bot.live(self._plan, self)
        except Exception as error:  # noqa: BLE001 - whatever the adapter raises is told
            tell("trouble", text=f"the adapter of bot {bot.number} raised {error!r}")

    async def stop(self) -> None:
        """Stop every adapter; what does not stop in time is told."""
        stopping = asyncio.gather(
            *(bot.adapter.stop() for bot in self._bots), return_exceptions=True
        )
        try:
            async with asyncio.timeout(STOP_S):
                failed = [each for each in await stopping if isinstance(each, BaseException)]
        except TimeoutError:
            tell("trouble", text=f"adapters did not stop within {STOP_S:g} s")
        else:
            for error in failed[:1]:
                tell("trouble", text=f"{len(failed)} adapters did not stop: {error!r}")

    def _drain(self) -> None:
        told = self.tally.drain()
        if told["seconds"] or told["orders"]:
            tell("tally", **told)

    async def _drain_on(self) -> None:
        while True:
            await asyncio.sleep(DRAIN_S)
            self._drain()

    async def _sample_on(self) -> None:
        every_s = min(SAMPLE_S_MAX, max(SAMPLE_S_MIN, self._plan.duration_s / SAMPLES))
        while True:
            await asyncio.sleep(every_s)
            tell("sample", **self._sampler.sample()._asdict() | {"at_s": self.now()})


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    asked = json.loads(await lines.readline())
    crew = Crew(asked, load_adapter(asked["adapter"]))
    try:
        await crew.start()
    except AdapterError as error:
        tell("trouble", text=f"an adapter did not start: {error!r}")
    else:
        tell("ready")
        await _obey(crew, lines)
    await crew.stop()
    tell("ended", complete=not crew.halted)


async def _obey(crew: Crew, lines: asyncio.StreamReader) -> None:
    """Begin at the word; halt at the word, or when nobody is there any more to give it."""
    line = await lines.readline()
    if not line or json.loads(line)["do"] != "go":
        return
    living = asyncio.create_task(crew.live(json.loads(line)["lead_s"]))
    halting = asyncio.create_task(lines.readline())
    await asyncio.wait((living, halting), return_when=asyncio.FIRST_COMPLETED)
    crew.halted = not living.done()
    halting.cancel()
    await asyncio.wait((living, halting), timeout=LAST_ANSWERS_S)
    living.cancel()  # what is still unanswered then stays unknown
    await asyncio.gather(living, halting, return_exceptions=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(_main())
