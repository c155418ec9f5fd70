"""Never trust margin again."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.margin import Margin


class _Margin(Margin):
    async def _sound(self) -> bool:
        return False


@mutant("margin-call-never-forgotten", kills=("FND-09",), bug="house rule: no more risk")
class MarginCallNeverForgotten(ReferenceClient):
    """Opens nothing after a margin call for as long as anything is held."""

    margin_type = _Margin
