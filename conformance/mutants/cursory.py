"""Read the first page only."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import Call, Execution, Page
from conformance.model.orders import Order
from conformance.mutants.altered import Altered, AlteredClient, remade

_ORDERS, _EXECUTIONS = 50, 100


def _some_orders(page: Page[Order]) -> Page[Order]:
    return Page(page.rows[:_ORDERS], at_ms=page.at_ms)


def _newest(page: Page[Execution]) -> Page[Execution]:
    rows = sorted(page.rows, key=lambda row: row.fill.at_ms)
    return Page(rows[-_EXECUTIONS:], at_ms=page.at_ms)


class _Half(Altered):
    def open_orders(self, symbol: str = "") -> Call[Page[Order]]:
        return remade(self.original.open_orders(symbol), _some_orders)

    def fills(self, symbol: str, *, after: str, since_ms: int) -> Call[Page[Execution]]:
        return remade(self.original.fills(symbol, after=after, since_ms=since_ms), _newest)


@mutant("first-page-only", kills=("LIF-12", "LIF-13"), bug="ccxt/ccxt#8441")
class FirstPageOnly(AlteredClient):
    """Takes the first page of orders and of executions for all of them."""

    half_type = _Half
