"""A tape in the place of a venue: the same case offline, and every departure from it told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from conformance.client import PortableClient, ReferenceClient
from conformance.errors import Beyond, EvidenceError, Finding, UsageError
from conformance.tap import tape
from conformance.tap.replayed import Replayed

STORIES = [
    "MKT-01",
    "MKT-05",
    "ORD-01[side=buy]",
    "ORD-02[side=sell]",
    "LIF-02[fills=5]",
    "CAN-01[by=client-id,filled=2]",
    "CLK-01[venue_ahead_ms=30000]",
    "ERR-09[trouble=revoked]",
    "POS-05[kind=market,path=long-to-short]",
    "RSY-01[code=1006]",
    "RSY-02",
    "RSY-06[trouble=expired]",
    "TLS-01",
    "TLS-02",
    "UNK-01[answer=stalled,stream=mute]",
    "UNK-02[request_was=cut]",
]
"""REST and streams, the market, the clock, faults of every kind, and time that passes."""


@pytest.mark.parametrize("name", STORIES)
def test_a_case_recorded_through_the_tap_plays_offline(studio, name, monkeypatch):
    recorded = studio.record(name, ReferenceClient)
    assert (recorded.verdict, recorded.reason) == ("pass", "")

    def forbidden(*_args, **_rest):
        raise AssertionError("no venue is needed")

    monkeypatch.setattr("conformance.sim.shell.Shell.start", forbidden)
    monkeypatch.setattr("conformance.tap.upstream.dial", forbidden)
    played = studio.play(name, ReferenceClient)
    assert (played.verdict, played.observed) == ("pass", "")


class Dearer(ReferenceClient):
    """Asks a tick more than it should."""

    async def place(self, request):
        assert request.price is not None
        return await super().place(replace(request, price=request.price + Decimal("0.1")))


class Twice(ReferenceClient):
    """Places everything twice."""

    async def place(self, request):
        await super().place(replace(request, client_id="again"))
        return await super().place(request)


@pytest.mark.parametrize(
    ("name", "factory", "claim", "observed"),
    [
        (
            "ORD-01[side=buy]",
            Dearer,
            "the client sends what was recorded",
            "price is 59979.8, recorded is 59979.7",
        ),
        (
            "ORD-01[side=buy]",
            Twice,
            "the client sends what was recorded",
            "newClientOrderId is again, recorded is ORD01x0x1",
        ),
    ],
)
def test_a_deviation_is_a_finding_that_names_the_difference(studio, name, factory, claim, observed):
    studio.record(name, ReferenceClient)
    result = studio.play(name, factory)
    assert result.verdict == "fail"
    assert result.claim == claim
    assert observed in result.observed


def test_what_was_recorded_and_never_sent_is_a_finding(studio, venue, within):
    studio.record("MKT-05", ReferenceClient)

    async def story():
        async with Replayed(venue, tape.read(studio.tape("MKT-05"))):
            pass

    with pytest.raises(Finding, match="sends everything that was recorded"):
        within(story)


def test_without_a_tape_the_case_is_not_applicable(studio):
    result = studio.play("ORD-01[side=buy]", ReferenceClient)
    assert (result.verdict, result.reason) == (
        "not-applicable",
        "no tape holds this case with this adapter",
    )


def test_a_tape_of_another_venue_is_refused(studio, venue):
    studio.record("MKT-01", ReferenceClient)
    reel = tape.read(studio.tape("MKT-01"))
    with pytest.raises(UsageError, match="was recorded at binance_usdm, not at other"):
        Replayed(replace(venue, name="other"), reel)


@pytest.mark.parametrize(
    ("head", "kept", "told"),
    [
        ({"key_kind": "dsa"}, None, "is no tape of a case"),
        ({"seed": None}, None, "is no tape of a case"),
        ({}, -1, "breaks off before its end"),
    ],
)
def test_a_tape_that_cannot_be_played_is_no_finding(studio, venue, head, kept, told):
    studio.record("MKT-01", ReferenceClient)
    reel = tape.read(studio.tape("MKT-01"))
    changed = {name: value for name, value in (reel.head | head).items() if value is not None}
    with pytest.raises(EvidenceError, match=told):
        Replayed(venue, replace(reel, head=changed, lines=reel.lines[:kept]))


def test_another_transport_of_the_same_client_plays_the_same_tape(studio):
    studio.record("ORD-01[side=buy]", ReferenceClient)
    result = studio.play("ORD-01[side=buy]", PortableClient)
    assert (result.verdict, result.observed) == ("pass", "")


def test_a_plain_socket_gets_the_recorded_answer_and_then_none(studio, venue, within):
    studio.record("MKT-01", ReferenceClient)

    async def ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /fapi/v1/time HTTP/1.1\r\nhost: x\r\n\r\n")
        try:
            return await reader.readuntil(b"}")
        except asyncio.IncompleteReadError as error:
            return error.partial
        finally:
            writer.close()

    async def story():
        world = Replayed(venue, tape.read(studio.tape("MKT-01")))
        await world.__aenter__()
        port = int(world.endpoints.rest.rpartition(":")[2])
        try:
            assert (await ask(port)).endswith(b"}")
            assert [await ask(port) for _ in range(2)] == [b"", b""]
            world.check()
        finally:
            await world.__aexit__(Beyond, None, None)

    with pytest.raises(Finding, match="sends what was recorded"):
        within(story)
