"""Say only the half of a market order."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.contracts.client import Call, Taken
from conformance.model.orders import Kind, OrderRequest, PositionSide
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        if request.kind is Kind.MARKET:
            bare = replace(request, reduce_only=False, position_side=PositionSide.NET)
            return self.original.place(bare, hedge=False)
        return self.original.place(request, hedge=hedge)


@mutant("market-orders-abridged", kills=("ORD-06", "ORD-15", "ORD-21"), bug="ccxt/ccxt#11360")
class MarketOrdersAbridged(AlteredClient):
    """Sends with a market order neither the mark that it only reduces nor its leg."""

    half_type = _Half
