"""A small bot on ccxt that keeps one bid in the book: never two, never none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt


def connect(rest: str, key: str, secret: str) -> Any:
    """Make the exchange; ``rest`` is the base URL, so that tests can point it elsewhere."""
    options = {"fetchCurrencies": False, "adjustForTimeDifference": True}
    exchange = ccxt.binanceusdm({"apiKey": key, "secret": secret, "options": options})
    for name in [name for name in exchange.urls["api"] if name.startswith("fapi")]:
        url = exchange.urls["api"][name]
        exchange.urls["api"][name] = url.replace("https://fapi.binance.com", rest)
    return exchange


class Quoter:
    """Keeps one bid of ``amount`` in ``market``."""

    def __init__(self, exchange: Any, market: str, amount: str) -> None:
        self.exchange, self.market, self.amount = exchange, market, amount

    async def quote(self, price: Decimal) -> None:
        """Make the one bid rest at ``price``."""
        mine = await self.exchange.fetch_open_orders(self.market)
        right = [order for order in mine if Decimal(str(order["price"])) == price]
        for order in mine:
            if order not in right[:1]:
                await self.exchange.cancel_order(order["id"], self.market)
        if right:
            return
        try:
            await self.exchange.create_order(self.market, "limit", "buy", self.amount, str(price))
        except ccxt.OperationFailed:
            # It may rest or not. Sending it again could double it; the next call asks first.
            return
