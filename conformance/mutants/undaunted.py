"""Go on with a refused key."""

from __future__ import annotations

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.categories import Category
from conformance.model.outcomes import Rejected


@mutant("refused-key-goes-on", kills=("ERR-09", "MON-29"), bug="B061")
class RefusedKeyGoesOn(ReferenceClient):
    """Goes on trading with a key that the venue refuses."""

    def _rejected(self, refused: Rejected) -> None:
        if refused.category is not Category.AUTH:
            super()._rejected(refused)
