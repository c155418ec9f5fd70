"""Take a lost amendment for done."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.model.orders import Order
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown


@mutant("unknown-amendment-taken-for-done", kills=("UNK-08",), bug="B026")
class UnknownAmendmentTakenForDone(ReferenceClient):
    """Takes an amendment whose answer was lost for done."""

    async def amend(
        self, symbol: str, *, client_id: str, price: Decimal, quantity: Decimal
    ) -> Outcome[Order]:
        target = await self._amendable(symbol, client_id, price, quantity)
        if not isinstance(target, tuple):
            return target
        outcome = await self._courier.send(self._half.amend(*target))
        if isinstance(outcome, OutcomeUnknown):
            changed = replace(target[0], price=price, quantity=quantity)
            return Accepted(self._orders.merge(changed, latest=True))
        return outcome
