"""Take a lost amendment for done."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import Taken
from conformance.model.orders import Order
from conformance.model.outcomes import Accepted, Outcome, OutcomeUnknown


@mutant("unknown-amendment-taken-for-done", kills=("UNK-08",), bug="B026")
class UnknownAmendmentTakenForDone(ReferenceClient):
    """Takes an amendment whose answer was lost for done."""

    async def _amended(
        self, order: Order, price: Decimal, quantity: Decimal, outcome: Outcome[Taken]
    ) -> Outcome[Order]:
        if isinstance(outcome, OutcomeUnknown):
            changed = replace(order, price=price, quantity=quantity)
            return Accepted(self._orders.merge(changed, latest=True))
        return await super()._amended(order, price, quantity, outcome)
