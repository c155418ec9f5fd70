"""Add up what it hears."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.client.legs import Legs
from conformance.contracts.client import Held
from conformance.model.orders import Fill


class _Legs(Legs):
    def state(self, held: Held) -> None:
        """Ignore what the venue states."""

    def count(self, fill: Fill) -> None:
        super().count(fill)
        leg = self._legs[fill.symbol, fill.position_side]
        quantity = leg.position.quantity + fill.quantity * fill.side.sign
        leg.position = replace(leg.position, quantity=quantity, entry_price=fill.price)

    def disputed(self) -> tuple[str, ...]:
        return ()


@mutant("position-by-own-sums", kills=("DUP-06", "RSY-20"), bug="B049")
class PositionBySums(ReferenceClient):
    """Adds every execution it hears of to the adopted position, old ones too."""

    legs_type = _Legs
