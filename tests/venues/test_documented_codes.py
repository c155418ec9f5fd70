"""Every documented error of every venue can be said to a real request, over a real socket."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from conformance import venues, virtual
from conformance.model.wire import Operation
from conformance.sim import SimWorld


@pytest.mark.parametrize("name", venues.names())
def test_every_documented_code_reaches_a_client_that_asks(name: str) -> None:
    async def ask() -> tuple[list[str], list[str]]:
        venue = venues.load(name)
        clock = venue.client().time().path
        async with SimWorld(venue, seed=1, case_id="CODES") as world:
            async with AsyncClient(base_url=world.endpoints.rest) as client:
                for row in world.errors:
                    world.faults.answer_code(Operation.TIME, row.code, times=1)
                    await client.get(clock)
                    await world.quiet(100)
            told = [call.reading.code for call in world.wire.calls(Operation.TIME)]
            return told, [row.code for row in world.errors]

    told, documented = virtual.run(ask)
    assert len(documented) > 60
    assert told == documented
