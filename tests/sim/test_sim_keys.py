"""Further keys of the testee's account, and who speaks where nobody was called."""

from __future__ import annotations

import pytest

from conformance import venues, virtual
from conformance.client import ReferenceClient
from conformance.errors import Beyond
from conformance.model.outcomes import Accepted
from conformance.model.wire import WireRequest
from conformance.sim import SimWorld


@pytest.mark.parametrize("venue", venues.names())
def test_every_kind_of_key_that_a_venue_knows_opens_the_account(venue):
    async def play():
        async with SimWorld(venues.load(venue)) as world:
            world.factory = ReferenceClient
            for kind in world.key_kinds:
                credentials = world.enrol(kind)
                assert credentials.kind == kind
                sibling = await world.sibling(credentials)
                assert isinstance(await sibling.place(world.request()), Accepted)
            seen = {call.reading.signature_valid for call in world.wire.calls()}
            assert seen <= {True, None}
            assert len(world.truth.open_orders()) == len(world.key_kinds)

    virtual.run(play)


def test_a_kind_that_the_venue_does_not_know_is_beyond_it():
    async def play():
        async with SimWorld(venues.load("bybit")) as world:
            with pytest.raises(Beyond, match="knows no ed25519 keys"):
                world.enrol("ed25519")

    virtual.run(play)


def test_where_no_witness_was_called_nobody_speaks():
    world = SimWorld(venues.load("binance_usdm"))
    request = WireRequest("GET", "/", b"", (), b"")
    assert world.oracle.testify(request, world.credentials) == ()
