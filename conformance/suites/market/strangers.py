"""A claim about what a list of instruments may hold tomorrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.cases import accepted, case, check, equal
from conformance.contracts.adapter import Adapter
from conformance.contracts.world import World
from conformance.model.capabilities import Capability
from conformance.model.instruments import Phase
from conformance.model.wire import Operation, WireReply

_NEEDS = [Capability.INSTRUMENTS, Capability.PLACE]
_WORD = "TOMORROW"
_STRANGER = "TOMORROWCOIN"


def _with_strangers(reply: WireReply) -> WireReply:
    """Add a listed symbol all of whose words are new, and a new rule to every known one."""
    data = json.loads(reply.body)
    for rows in _tables(data):
        for row in rows:
            _ruled_anew(row)
        rows.append(_strange(rows[-1], _STRANGER))
    return reply._replace(body=json.dumps(data, ensure_ascii=False).encode())


def _tables(data: Any) -> Iterator[list[dict[str, Any]]]:  # noqa: ANN401 - whatever JSON holds
    """Yield the lists of rows that name a symbol each."""
    if isinstance(data, dict):
        for value in data.values():
            yield from _tables(value)
    elif isinstance(data, list):
        if data and all(isinstance(row, dict) and "symbol" in row for row in data):
            yield data
        else:
            for value in data:
                yield from _tables(value)


def _ruled_anew(row: dict[str, Any]) -> None:
    """Add a rule of a new kind where rules are listed, and a member where they are not."""
    for value in row.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value.append(_strange(value[0], ""))
    row["zNews"] = {"deep": [None, True, 1]}


def _strange(row: dict[str, Any], symbol: str) -> dict[str, Any]:
    """Return a copy with new words in the place of all that are no numbers."""
    strange = {
        name: _WORD if isinstance(value, str) and value.replace("_", "").isalpha() else value
        for name, value in row.items()
    }
    return {**strange, "symbol": symbol} if symbol else strange


@case("MKT-02", level=2, needs=_NEEDS, source="HB", started=False, stimulus=True)
async def new_symbols_and_rules_are_no_obstacle(adapter: Adapter, world: World) -> None:
    """A symbol in an unheard-of state, or a rule of a new kind, keeps nobody from trading."""
    world.faults.rewrite_answer(Operation.INSTRUMENTS, _with_strangers, times=1_000)
    await adapter.start()
    found = {
        rules.symbol: rules
        for rules in accepted(await adapter.instruments(), "asking for the instruments")
    }
    for symbol in world.symbols:
        mine, theirs = found.get(symbol), world.listing_of(symbol)
        equal(
            (symbol, mine and mine.tick, mine and mine.step),
            (symbol, theirs.tick, theirs.step),
            "the rules of a known symbol are read beside new ones",
        )
    stranger = found.get(_STRANGER)
    check(
        stranger is None or stranger.phase is not Phase.TRADING,
        "a symbol in a state that is not known is not shown as trading",
        expected="left out, or in another phase",
        observed=stranger,
    )
    accepted(await adapter.place(world.request()), "an order in a known symbol")
