"""A claim about very many messages at once."""

from __future__ import annotations

from conformance.cases import case, check
from conformance.cases.scale import scaled
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.suites.witness import book_settles, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM, Capability.BOOK]
_BURSTS, _ORDERS = 1, 100
_BEHIND_MS_MAX = 2_000
"""How far behind the venue an adapter may be after a burst."""


@case("STR-02", level=5, needs=_NEEDS, source="CX, I40")
async def a_burst_of_messages_is_kept_up_with(adapter: Adapter, world: World) -> None:
    """After hundreds of messages at once the adapter is true again within two seconds."""
    await adapter.watch_book(world.symbol)
    await book_settles(adapter, world)
    for _ in range(scaled(_BURSTS)):
        since = world.wire.mark()
        orders = [
            world.market.foreign(world.request(ticks_away=100 + number))
            for number in range(_ORDERS)
        ]
        for order in orders[::2]:
            world.market.cancel(order.client_id)
        await settle(adapter, world, within_ms=_BEHIND_MS_MAX)
        await book_settles(adapter, world, within_ms=_BEHIND_MS_MAX)
        pushed = len(world.wire.frames(inbound=False, since=since))
        check(pushed >= _ORDERS, "the burst was pushed", expected=_ORDERS, observed=pushed)
        for order in orders[1::2]:
            world.market.cancel(order.client_id)
        await settle(adapter, world, within_ms=_BEHIND_MS_MAX)
