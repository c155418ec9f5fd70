"""What one order costs a client: the reference client and ccxt against the same venue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import count
from typing import Any

from conformance.client import ReferenceClient
from conformance.contracts.adapter import Credentials, Endpoints
from conformance.model.orders import OrderRequest, Side
from conformance.model.outcomes import Accepted
from conformance.peers import ccxt

AT_ONCE = 8
NAMES = count(time.time_ns())
Send = Callable[[str], Awaitable[bool]]
"""Place one resting order under a client id and cancel it; say whether the venue did both."""


async def cost_us(send: Send, orders: int) -> float:
    """Return the processor time of this process for one request, in microseconds."""

    async def lane() -> list[bool]:
        return [await send(f"b{next(NAMES):x}") for _ in range(orders // AT_ONCE)]

    begun = time.process_time_ns()
    done = await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    spent = time.process_time_ns() - begun
    sent = sum(len(each) for each in done)
    if sum(sum(each) for each in done) != sent:
        raise RuntimeError("the venue refused orders: the figures would compare refusals")
    return spent / (2 * sent) / 1_000


def through_reference(client: ReferenceClient, ready: dict[str, Any]) -> Send:
    """Return how the reference client sends."""

    async def send(name: str) -> bool:
        request = OrderRequest(
            symbol=ready["symbol"],
            side=Side.BUY,
            quantity=Decimal(ready["quantity"]),
            price=Decimal(ready["price"]),
            client_id=name,
        )
        placed = await client.place(request)
        cancelled = await client.cancel(ready["symbol"], client_id=name)
        return isinstance(placed, Accepted) and isinstance(cancelled, Accepted)

    return send


def through_ccxt(exchange: Any, ready: dict[str, Any]) -> Send:  # noqa: ANN401 - ccxt is untyped
    """Return how ccxt sends."""
    symbol, quantity, price = ready["symbol"], ready["quantity"], ready["price"]

    async def send(name: str) -> bool:
        named = {"clientOrderId": name}
        placed = await exchange.create_order(symbol, "limit", "buy", quantity, price, named)
        cancelled = await exchange.cancel_order("", symbol, named)
        return bool(placed["id"] and cancelled["id"])

    return send


async def compared(ready: dict[str, Any], orders: int, rounds: int) -> tuple[list[float], ...]:
    """Return the costs of the reference client and of ccxt, taken in turn."""
    endpoints = Endpoints(ready["venue"], ready["rest"], ready["streams"])
    credentials = Credentials("hmac", ready["key"], ready["secret"])
    client = ReferenceClient(endpoints, credentials)
    exchange = ccxt.exchange(endpoints, credentials)
    exchange.enableRateLimit = False
    ours: list[float] = []
    theirs: list[float] = []
    try:
        await client.start()
        await exchange.load_markets()
        for _ in range(rounds):
            ours.append(await cost_us(through_reference(client, ready), orders))
            theirs.append(await cost_us(through_ccxt(exchange, ready), orders))
    finally:
        await client.stop()
        await exchange.close()
    return ours, theirs
