"""What a signature costs: made by a client, and believed by the simulator."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.orders import OrderRequest, Side
from conformance.model.wire import WireRequest
from conformance.peers import ccxt
from conformance.venues import load
from conformance.venues.binance_usdm.server.call import Keyring
from conformance.venues.binance_usdm.signing import cut
from conformance.venues.keys import key
from loadtests.bench.child import child
from loadtests.bench.report import Measure

SIGNING_TARGET, VERIFYING_TARGET = 0.2, 2.0
NOW_MS = 1_700_000_000_125


def each_us(work: Callable[[], object], times: int) -> float:
    """Return the processor time of one call, in microseconds."""
    begun = time.process_time_ns()
    for _ in range(times):
        work()
    return (time.process_time_ns() - begun) / times / 1_000


def made(times: int, rounds: int) -> Measure:
    """Compare how the client half and ccxt build and sign one limit order."""
    with child("-m", "loadtests.bench.venue") as venue:
        return asyncio.run(_made(venue.ready, times, rounds))


async def _made(ready: dict[str, Any], times: int, rounds: int) -> Measure:
    credentials = Credentials("hmac", ready["key"], ready["secret"])
    endpoints = Endpoints(ready["venue"], ready["rest"], ready["streams"])
    exchange = ccxt.exchange(endpoints, credentials)
    try:
        await exchange.load_markets()
        ours, theirs = _ours(ready, credentials), _ccxt(exchange, ready)
        pairs = [(each_us(ours, times), each_us(theirs, times)) for _ in range(rounds + 1)][1:]
    finally:
        await exchange.close()
    mine, other = zip(*pairs, strict=True)
    return Measure("client, building and signing", "reference", "ccxt", mine, other, SIGNING_TARGET)


def _ours(ready: dict[str, Any], credentials: Credentials) -> Callable[[], WireRequest]:
    half = load(ready["venue"]).client()
    request = OrderRequest(
        symbol=ready["symbol"],
        side=Side.BUY,
        quantity=Decimal(ready["quantity"]),
        price=Decimal(ready["price"]),
        client_id="b0123456789abcdef",
    )

    def sign() -> WireRequest:
        signed: WireRequest = half.sign(half.place(request, hedge=False), credentials, NOW_MS)
        return signed

    return sign


def _ccxt(exchange: Any, ready: dict[str, Any]) -> Callable[[], object]:  # noqa: ANN401 - untyped
    named = {"clientOrderId": "b0123456789abcdef"}
    limit = (ready["symbol"], "limit", "buy", ready["quantity"], ready["price"])

    def sign() -> object:
        request = exchange.create_order_request(*limit, dict(named))
        return exchange.sign("order", ["fapiPrivate"], "POST", request)

    signed = sign()
    if not isinstance(signed, dict) or "signature=" not in str(signed["body"]):
        raise RuntimeError(f"ccxt signed nothing: {signed}")
    return sign


def believed(times: int, rounds: int) -> Measure:
    """Compare how the simulator takes a request apart and verifies it with a bare HMAC."""
    venue = load("binance_usdm")
    credentials = venue.credentials("hmac", 0)
    ready = {"venue": venue.name, "symbol": "BTCUSDT", "quantity": "0.010", "price": "50000.10"}
    request = _ours(ready, credentials)()
    ring = Keyring("raw")
    ring.add(credentials.key, key("hmac", credentials.secret), "bench")
    secret, payload = credentials.secret.encode(), cut(request.query, request.body).payload

    def verify() -> bool:
        return ring.valid(credentials.key, cut(request.query, request.body))

    if not verify():
        raise RuntimeError("the simulator refuses what the client signs")
    pairs = [
        (each_us(verify, times), each_us(lambda: hmac.digest(secret, payload, "sha256"), times))
        for _ in range(rounds + 1)
    ][1:]
    ours, bare = zip(*pairs, strict=True)
    return Measure(
        "simulator, believing a signature", "simulator", "hmac.digest", ours, bare, VERIFYING_TARGET
    )
