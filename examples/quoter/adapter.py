"""The quoter's exchange as the cases see it: what it can do, and what came of it."""

from decimal import Decimal

import ccxt.async_support as ccxt

from conformance.contracts.adapter import Health
from conformance.model.capabilities import Capability
from conformance.model.categories import Category
from conformance.model.orders import Kind, Order, Side, Status
from conformance.model.outcomes import Accepted, OutcomeUnknown, Rejected
from examples.quoter.quoter import connect

STATUS = {"open": Status.OPEN, "closed": Status.FILLED, "canceled": Status.CANCELLED}


class QuoterAdapter:
    capabilities, health = {Capability.PLACE}, Health.READY

    def __init__(self, endpoints, credentials):
        self.exchange = connect(endpoints.rest, credentials.key, credentials.secret)
        self.start, self.stop = self.exchange.load_markets, self.exchange.close

    async def place(self, wish):
        figures = (str(wish.quantity), wish.price and str(wish.price))
        name = {"clientOrderId": wish.client_id}
        create = self.exchange.create_order
        return await self.ask(create(wish.symbol, wish.kind.value, wish.side.value, *figures, name))

    async def cancel(self, symbol, *, client_id="", venue_id=""):
        name = {"clientOrderId": client_id} if client_id else {}
        return await self.ask(self.exchange.cancel_order(venue_id, symbol, name))

    async def ask(self, call):
        try:
            raw = await call
        except ccxt.OperationFailed as error:
            return OutcomeUnknown(str(error))
        except ccxt.ExchangeError as error:
            wrong_key = isinstance(error, ccxt.AuthenticationError)
            return Rejected(Category.AUTH if wrong_key else Category.STATE, "", str(error))
        if not raw["id"]:
            return OutcomeUnknown("the answer names no order")
        ids = {"client_id": raw["clientOrderId"], "venue_id": raw["id"]}
        shape = {"side": Side(raw["side"]), "kind": Kind(raw["type"])}
        figures = {name: Decimal(str(raw[name] or 0)) for name in ("price", "filled")}
        size, status = Decimal(str(raw["amount"])), STATUS.get(raw["status"], Status.UNKNOWN)
        symbol = self.exchange.market(raw["symbol"])["id"]
        order = Order(symbol=symbol, quantity=size, status=status, **ids, **shape, **figures)
        return Accepted(order)
