"""Claims about what an adapter shows of its keys."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable

from conformance.cases import case, check, for_each
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.errors import AdapterError
from conformance.model.capabilities import Capability
from conformance.model.wire import Condition, Operation
from conformance.suites.canary import betrayed, credentials, tokens

_REFUSALS = (Condition.BAD_SIGNATURE, Condition.INTERNAL_ERROR, Condition.NOT_JSON)


@case("KEY-02", level=1, needs=[Capability.PLACE], source="I36", started=False, stimulus=True)
@for_each(key=["right", "revoked"])
async def what_an_adapter_says_holds_no_key(adapter: Adapter, world: World, key: str) -> None:
    """Neither the text of an adapter nor an outcome or error of it holds key, secret, signature."""
    texts = [repr(adapter), str(adapter)]
    if key == "revoked":
        world.faults.revoke_key()
    texts.append(await _said(adapter.start()))
    for number, condition in enumerate(_REFUSALS):
        world.faults.answer(Operation.PLACE, condition).optional()
        # Another order every time: the same one, sent anew, would be the case's own fault.
        texts.append(await _said(adapter.place(world.request(ticks_away=200 + number))))
    world.faults.lose_answer(Operation.PLACE, executed=False).optional()
    texts.append(await _said(adapter.place(world.request(ticks_away=300))))
    texts += [repr(adapter), str(adapter)]
    told = betrayed(texts, credentials(world) | tokens(world))
    check(
        not told,
        "neither an adapter nor an outcome nor an error shows a secret or a signature",
        expected="credentials that are masked, or not mentioned",
        observed=f"{len(told)} texts, the first: {told[:1]}",
    )


async def _said(command: Awaitable[object]) -> str:
    """Return what comes of a command as it would be printed, the way of an error included."""
    try:
        return repr(await command)
    except AdapterError as error:
        return "".join(traceback.format_exception(error))
