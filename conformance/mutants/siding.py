"""Take every answer for a buyer's."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Execution, Page
from conformance.model.orders import Order, Side
from conformance.mutants.altered import Altered, AlteredClient, remade, remade_rows


def _bought(order: Order) -> Order:
    return replace(order, side=Side.BUY)


def _buying(execution: Execution) -> Execution:
    side = Side.SELL if execution.fill.maker else Side.BUY
    return execution._replace(fill=replace(execution.fill, side=side))


class _Half(Altered):
    def order(self, symbol: str, *, client_id: str = "", venue_id: str = "") -> Call[Order]:
        call = self.original.order(symbol, client_id=client_id, venue_id=venue_id)
        elsewhere = call.elsewhere and remade(call.elsewhere, _bought)
        return replace(remade(call, _bought), elsewhere=elsewhere)

    def open_orders(self, symbol: str = "") -> Call[Page[Order]]:
        return remade_rows(self.original.open_orders(symbol), _bought)

    def fills(self, symbol: str, *, after: str, since_ms: int) -> Call[Page[Execution]]:
        call = self.original.fills(symbol, after=after, since_ms=since_ms)
        return remade_rows(call, _buying)


@mutant("side-misread-in-queries", kills=("LIF-08", "ORD-19"), bug="JKorf/Binance.Net#1266")
class SideMisreadInQueries(AlteredClient):
    """Guesses sides when it queries: orders are buys, and who was the maker has sold."""

    half_type = _Half
