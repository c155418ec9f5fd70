"""Claims about answers that are spoilt on their way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.cases import accepted, case, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.faults import Planned
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.wire import Operation, WireReply
from conformance.suites.witness import never_rejected, not_denied, one_intent, outcome_of, settle

_NEEDS = [Capability.PLACE, Capability.USER_STREAM]


def _cut_off(world: World) -> Planned:
    return world.faults.truncate_answer(Operation.PLACE, 7)


def _of_another_type(world: World) -> Planned:
    def plain(reply: WireReply) -> WireReply:
        return reply._replace(content_type="text/plain; charset=utf-8")

    return world.faults.rewrite_answer(Operation.PLACE, plain)


def _falsely_compressed(world: World) -> Planned:
    def labelled(reply: WireReply) -> WireReply:
        return reply._replace(headers=(*reply.headers, ("content-encoding", "gzip")))

    return world.faults.rewrite_answer(Operation.PLACE, labelled)


def _trickling(world: World) -> Planned:
    return world.faults.slice_answer(Operation.PLACE, 1, 5_000)


_FLAWS: Mapping[str, Callable[[World], Planned]] = {
    "another-type": _of_another_type,
    "cut-off": _cut_off,
    "falsely-compressed": _falsely_compressed,
}


async def _survived(adapter: Adapter, world: World, flaw: str) -> None:
    """Place an order whose answer is spoilt already; judge that it is not lost sight of."""
    request = world.request()
    outcome = await outcome_of(world, adapter.place(request))
    not_denied(outcome, f"an answer that is {flaw}")
    await settle(adapter, world, within_ms=120_000)
    never_rejected(adapter, request.client_id or "")
    one_intent(world, request.client_id or "")
    # Another order: the same one, sent anew, would be the case's own fault.
    another = world.request(ticks_away=210)
    accepted(await adapter.place(another), f"an order after an answer that was {flaw}")


@case("ERR-13", level=2, needs=_NEEDS, source="NT, B173", stimulus=True)
@for_each(flaw=sorted(_FLAWS))
async def a_spoilt_answer_proves_nothing(adapter: Adapter, world: World, flaw: str) -> None:
    """An answer that ends too early or is labelled wrongly leaves no order lost or doubled."""
    _FLAWS[flaw](world)
    await _survived(adapter, world, flaw)


@case("ERR-14", level=4, needs=_NEEDS, source="TX slicer, B173", stimulus=True)
async def a_trickling_answer_holds_nobody_up(adapter: Adapter, world: World) -> None:
    """An answer that comes a byte every five seconds does not hold its command up for minutes."""
    _trickling(world)
    await _survived(adapter, world, "trickling")
