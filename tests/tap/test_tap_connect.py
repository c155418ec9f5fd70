"""Clients that know only the venue's own hosts, unchanged, through CONNECT."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

pytest.importorskip("ccxt")
pytest.importorskip("requests")

import ccxt.async_support
import ccxt.pro
import requests

from conformance.model.wire import Operation
from conformance.sim import Simulator
from conformance.tap import Tap
from conformance.virtual import EPOCH_MS

UNIFIED = "BTC/USDT:USDT"


@pytest.fixture
def tapped(venue, within):
    """Play a story with a simulator that hides behind the venue's production names."""

    def play(story):
        async def main():
            async with (
                Simulator(venue, seed=3) as simulator,
                Tap(venue, simulator.endpoints, simulator.credentials[0]) as tap,
            ):
                done = await story(tap, simulator.credentials[0])
                tap.check()
                return done

        return within(main)

    return play


def _exchange(tap, credentials):
    """Everything a user of ccxt would set, and nothing else: a key, a proxy, an authority."""
    exchange = ccxt.async_support.binanceusdm(
        {"apiKey": credentials.key, "secret": credentials.secret, "cafile": tap.ca_file}
    )
    exchange.https_proxy = tap.proxy
    exchange.has["fetchCurrencies"] = False
    exchange.options["fetchMarkets"] = {"types": ["linear"]}
    return exchange


def test_ccxt_unmodified_believes_to_trade_on_the_venue(stage):
    async def story(world):
        tap = world.tap
        exchange = _exchange(tap, world.credentials)
        world.market.deposit(Decimal(-999_000))
        try:
            time_ms = await exchange.fetch_time()
            placed = await exchange.create_order(
                UNIFIED, "limit", "buy", 0.002, 55_000.1, {"clientOrderId": "through-connect"}
            )
            with pytest.raises(ccxt.InsufficientFunds):
                await exchange.create_order(UNIFIED, "limit", "buy", 99, 59_000)
        finally:
            await exchange.close()
        return time_ms, placed, tap

    time_ms, placed, tap = stage(story)
    assert time_ms == EPOCH_MS
    assert placed["clientOrderId"] == "through-connect"
    orders = tap.transcript.calls(Operation.PLACE)
    assert [call.request.secure for call in orders] == [True, True]
    assert {call.request.header("host") for call in orders} == {"fapi.binance.com"}
    assert [call.reading.code for call in orders] == ["", "-2019"]
    assert all(call.reading.signature_valid for call in orders)


def test_requests_with_a_proxy_variable_runs_unmodified(tapped, monkeypatch):
    async def story(tap, _credentials):
        monkeypatch.setenv("HTTPS_PROXY", tap.proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", tap.ca_file)
        return await asyncio.to_thread(
            requests.get, "https://fapi.binance.com/fapi/v1/ping", timeout=10
        )

    reply = tapped(story)
    assert (reply.status_code, reply.json()) == (200, {})


def test_a_client_that_does_not_trust_our_authority_gets_no_further(tapped):
    async def story(tap, _credentials):
        with pytest.raises(requests.exceptions.SSLError):
            await asyncio.to_thread(
                requests.get,
                "https://fapi.binance.com/fapi/v1/ping",
                proxies={"https": tap.proxy},
                timeout=10,
            )
        return tap.transcript.calls()

    assert list(tapped(story)) == []


def test_streams_run_through_connect_too(tapped):
    async def story(tap, credentials):
        exchange = ccxt.pro.binanceusdm({"apiKey": credentials.key, "secret": credentials.secret})
        exchange.https_proxy = exchange.wss_proxy = tap.proxy
        exchange.cafile = tap.ca_file
        exchange.has["fetchCurrencies"] = False
        exchange.options["fetchMarkets"] = {"types": ["linear"]}
        try:
            book = await exchange.watch_order_book(UNIFIED)
        finally:
            await exchange.close()
        return book, [stream.path for stream in tap.transcript.streams()]

    book, paths = tapped(story)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert [path.startswith("/public/ws") for path in paths] == [True]
