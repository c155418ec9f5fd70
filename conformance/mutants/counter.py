"""Count orders from one in every life."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient


@mutant("ids-repeat-after-restart", kills=("ORD-16",), bug="B097")
class IdsRepeatAfterRestart(ReferenceClient):
    """Makes client ids by counting, from one again in every life."""

    _made = 0

    def _fresh_id(self) -> str:
        self._made += 1
        return f"order-{self._made}"
