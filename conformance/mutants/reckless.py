"""Trade on in the dark."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.resolve import Resolver


class _Resolver(Resolver):
    def frozen(self, symbol: str) -> bool:  # noqa: ARG002 - the fault
        return False


@mutant("trades-on-while-unresolved", kills=("MON-19", "UNK-06"), bug="I24")
class TradesOnWhileUnresolved(ReferenceClient):
    """Sends new exposure in a symbol where the fate of an order is not known."""

    resolver_type = _Resolver
