"""Cassettes of vcrpy: REST in this process, strict, without secrets, without a venue."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("vcr")
pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")

import httpx
from vcr.errors import CannotOverwriteExistingCassetteException

from conformance.client import PortableClient
from conformance.model.wire import Operation
from conformance.peers.binance_sdk import BinanceSdkAdapter
from conformance.tap import cassette, tape
from conformance.tap.replayed import Replayed, answered_rest

CASE = "ORD-01[side=buy]"


@pytest.fixture
def recorded(studio):
    """A REST-only case of the official SDK, on tape and on a cassette."""
    return studio.record(CASE, BinanceSdkAdapter, with_cassette=True)


def test_a_rest_only_case_plays_from_the_cassette_with_the_same_verdict(
    studio, recorded, monkeypatch
):
    served = []
    monkeypatch.setattr(
        "conformance.tap.replay.Desk.serve", lambda *_: served.append(1) or pytest.fail("a socket")
    )
    played = studio.play(CASE, BinanceSdkAdapter)
    assert (played.verdict, played.claim, played.observed) == (
        recorded.verdict,
        recorded.claim,
        recorded.observed,
    )
    assert served == []


def test_what_a_cassette_answered_is_on_the_transcript(studio, venue, within, recorded):
    del recorded
    reel, deck = tape.read(studio.tape(CASE)), studio.tape(CASE).with_suffix(".yaml")

    async def story():
        world = Replayed(venue, reel, deck)
        await world.__aenter__()
        adapter = BinanceSdkAdapter(world.endpoints, world.credentials)
        try:
            await adapter.start()
            return world.wire.calls(), world.replay.score.deviations
        finally:
            await adapter.stop()
            await world.__aexit__(Exception, None, None)

    calls, deviations = within(story)
    assert [call.reading.operation for call in calls] == [Operation.TIME]
    assert calls[0].reply.status == 200
    assert deviations == []


def test_no_secret_is_on_the_cassette(studio, venue, recorded):
    del recorded
    text = studio.tape(CASE).with_suffix(".yaml").read_text()
    credentials = venue.credentials("hmac", 0)
    assert credentials.key not in text
    assert credentials.secret not in text
    assert "X-MBX-APIKEY" in text
    assert set(re.findall(r"signature=(\S+)", text)) == {"[redacted"}
    assert re.search(r"[0-9a-f]{64}", text) is None


def test_secrets_in_answers_are_filtered_as_well(studio):
    studio.record("MKT-01", PortableClient, with_cassette=True)
    text = studio.tape("MKT-01").with_suffix(".yaml").read_text()
    assert "/fapi/v1/listenKey" in text
    assert set(re.findall(r'"listenKey":\s*"([^"]*)"', text)) == {"[redacted listenKey]"}


def test_the_reference_client_over_httpx_leaves_its_queries_on_the_cassette(studio):
    studio.record("MKT-01", PortableClient, with_cassette=True)
    text = studio.tape("MKT-01").with_suffix(".yaml").read_text()
    assert re.search(r"/fapi/v2/positionRisk\?timestamp=\d+&signature=\[redacted", text)


def test_record_mode_is_none(studio, venue, within, recorded):
    del recorded
    deck = studio.tape(CASE).with_suffix(".yaml")
    before = deck.read_bytes()

    async def ask(path):
        with cassette.playing(deck, venue.credentials("hmac", 0)):
            async with httpx.AsyncClient() as client:
                return await client.get(f"http://127.0.0.1:1{path}")

    assert within(lambda: ask("/fapi/v1/time")).json()["serverTime"] > 0
    with pytest.raises(CannotOverwriteExistingCassetteException):
        within(lambda: ask("/fapi/v1/depth?symbol=BTCUSDT"))
    assert deck.read_bytes() == before


def test_only_tapes_of_answered_rest_are_played_from_cassettes(studio, recorded):
    del recorded
    assert answered_rest(tape.read(studio.tape(CASE)))
    studio.record("MKT-01", PortableClient)
    assert not answered_rest(tape.read(studio.tape("MKT-01")))
