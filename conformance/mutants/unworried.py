"""Let the venue call."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.margin import Margin
from conformance.contracts.client import MarginCall


class _Margin(Margin):
    def call(self, event: MarginCall) -> None:
        self._alert(f"margin was called: {', '.join(event.symbols)}")


@mutant("margin-call-not-heeded", kills=("FND-09",), bug="house rule: no more risk")
class MarginCallNotHeeded(ReferenceClient):
    """Logs a margin call, and goes on as before."""

    margin_type = _Margin
