"""Claims about what an adapter shows of its keys."""

from __future__ import annotations

import traceback

from conformance.cases import case, check, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.wire import Condition, Operation
from conformance.suites.canary import betrayed, credentials

_REFUSALS = (Condition.BAD_SIGNATURE, Condition.INTERNAL_ERROR, Condition.NOT_JSON)


@case("KEY-02", level=1, needs=[Capability.PLACE], source="I36", started=False, stimulus=True)
@for_each(key=["right", "revoked"])
async def what_an_adapter_says_holds_no_key(adapter: Adapter, world: World, key: str) -> None:
    """Neither the text of an adapter nor any outcome or error of it holds its key or secret."""
    texts = [repr(adapter), str(adapter)]
    if key == "revoked":
        world.faults.revoke_key()
    try:
        await adapter.start()
    except AdapterError as error:
        texts.append("".join(traceback.format_exception(error)))
    for number, condition in enumerate(_REFUSALS):
        world.faults.answer(Operation.PLACE, condition).optional()
        try:
            # Another order every time: the same one, sent anew, would be the case's own fault.
            texts.append(repr(await adapter.place(world.request(ticks_away=200 + number))))
        except AdapterError as error:
            texts.append("".join(traceback.format_exception(error)))
    texts += [repr(adapter), str(adapter)]
    told = betrayed(texts, credentials(world))
    check(
        not told,
        "what an adapter says of itself, of outcomes and of errors holds no key and no secret",
        expected="credentials that are masked, or not mentioned",
        observed=f"{len(told)} texts, the first: {told[:1]}",
    )
