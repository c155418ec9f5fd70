"""What the harness may do at a venue that is not ours: act as another client of the account."""

from __future__ import annotations

from typing import NoReturn

from conformance.contracts.client import Receipt
from conformance.errors import Beyond, WorldError
from conformance.model.ids import Symbol
from conformance.model.orders import MarginMode, Order, OrderRequest
from conformance.tap.asking import Asker
from conformance.tap.truth import Truth


class Market:
    """Implements the Market contract; what takes control of others raises Beyond."""

    def __init__(self, asker: Asker, truth: Truth, symbol: Symbol) -> None:
        self._asker = asker
        self._truth = truth
        self._symbol = symbol

    def __getattr__(self, name: str) -> NoReturn:
        """Raise Beyond: others, prices and money are not under control."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise Beyond(f"at a venue that is not ours, nobody can {name.replace('_', ' ')}")

    def foreign(self, request: OrderRequest) -> Order:
        """Place an order on the testee's account as another client of it would."""
        if not request.client_id:
            raise WorldError("a foreign order needs a client id", hint="use world.request")
        self._truth.foreign.add(request.client_id)
        self._truth.touched.add(request.symbol)
        half = self._asker.half
        taken = self._asker.need(half.place(request, hedge=self._truth.hedge()))
        if isinstance(taken, Receipt):
            taken = self._asker.need(half.order(request.symbol, venue_id=taken.venue_id))
        self._truth.forget()
        return taken

    def cancel(self, client_id: str) -> None:
        """Cancel an order of the testee's account as another client of it would."""
        for order in self._truth.open_orders():
            if order.client_id == client_id:
                self._asker.need(self._asker.half.cancel(order.symbol, client_id=client_id))
                self._truth.forget()
                return
        raise WorldError(f"no open order {client_id} to cancel", hint="wait until it rests")

    def set_leverage(self, leverage: int, symbol: Symbol = "") -> None:
        """Change the testee's leverage from outside."""
        self._asker.need(self._asker.half.set_leverage(symbol or self._symbol, leverage))
        self._truth.forget()

    def set_margin_mode(self, mode: MarginMode, symbol: Symbol = "") -> None:
        """Change the testee's margin mode from outside."""
        self._asker.need(self._asker.half.set_margin_mode(symbol or self._symbol, mode))
        self._truth.forget()

    def set_hedge_mode(self, hedge: bool) -> None:  # noqa: FBT001 - one claim
        """Change the testee's position mode from outside."""
        self._asker.need(self._asker.half.set_hedge(hedge=hedge))
        self._truth.forget()
