"""Return to the first symbol."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.contracts.client import Call, ClientHalf, Taken
from conformance.model.orders import OrderRequest
from conformance.mutants.altered import Altered, AlteredClient


class _Half(Altered):
    def __init__(self, half: ClientHalf) -> None:
        super().__init__(half)
        self._first = ""

    def place(self, request: OrderRequest, *, hedge: bool) -> Call[Taken]:
        self._first = self._first or request.symbol
        return self.original.place(request, hedge=hedge)

    def cancel(self, symbol: str, *, client_id: str = "", venue_id: str = "") -> Call[Taken]:
        symbol = self._first or symbol
        return self.original.cancel(symbol, client_id=client_id, venue_id=venue_id)


@mutant("cancels-in-the-first-symbol", kills=("CAN-17",), bug="B103")
class CancelsInTheFirstSymbol(AlteredClient):
    """Sends every cancel for the symbol of its first order, whatever symbol was named."""

    half_type = _Half
