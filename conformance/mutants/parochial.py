"""Know the symbols it uses."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Held, OrderNews, StreamEvent


@mutant("unused-symbols-ignored", kills=("LIF-11",), bug="B029")
class UnusedSymbolsIgnored(ReferenceClient):
    """Drops what the stream tells of a symbol in which it has placed no order."""

    def _event(self, event: StreamEvent) -> None:
        if isinstance(event, OrderNews):
            symbol = event.order.symbol
        elif isinstance(event, Held):
            symbol = event.position.symbol
        else:
            return
        if symbol in self._orders.symbols():
            super()._event(event)
