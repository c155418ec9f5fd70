"""A claim about two clients in one process."""

from __future__ import annotations

from conformance.cases import accepted, case, check
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import Beyond
from conformance.model.capabilities import Capability
from conformance.suites.witness import sent

_ROUNDS = 3


@case("KEY-08", level=3, needs=[Capability.PLACE], source="jpcx/node-kraken-api#2")
async def clients_of_one_process_keep_their_keys_apart(adapter: Adapter, world: World) -> None:
    """Of two clients in one process, each signs with its own key, whoever was made last."""
    other = next((kind for kind in world.key_kinds if kind != world.credentials.kind), "")
    if not other:
        raise Beyond("the venue knows one kind of key only")
    credentials = world.enrol(other)
    sibling = await world.sibling(credentials)
    clients = ((adapter, world.credentials.key), (sibling, credentials.key))
    keys = {key for _, key in clients}
    for number in range(_ROUNDS):
        for client, key in clients:
            request = world.request(ticks_away=200 + 2 * number + (client is sibling))
            accepted(await client.place(request), "an order by one of two clients")
            shown = {
                value
                for call in sent(world, request.client_id or "")
                for _, value in call.request.headers
                if value in keys
            }
            check(
                shown <= {key},
                "a client shows its own key, not that of another one in the same process",
                expected="its own key",
                observed="the other one's key" if shown else "no key",
            )
