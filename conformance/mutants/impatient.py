"""Send again what was not heard of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from conformance.cases import mutant
from conformance.client import ReferenceClient
from conformance.contracts.client import OrderNews
from conformance.model.orders import Order, OrderRequest, Status
from conformance.model.outcomes import Accepted, Outcome


@mutant("resent-without-first-event", kills=("LIF-05",), bug="B014")
class ResentWithoutFirstEvent(ReferenceClient):
    """Places an order again when the stream has not told of its acceptance within a second."""

    def __init__(self, *args: Any, **parts: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **parts)
        self._announced: set[str] = set()

    def _news(self, news: OrderNews) -> None:
        if news.order.status is Status.OPEN:
            self._announced.add(news.order.client_id)
        super()._news(news)

    async def place(self, request: OrderRequest) -> Outcome[Order]:
        outcome = await super().place(request)
        await asyncio.sleep(1)
        if isinstance(outcome, Accepted) and outcome.value.client_id not in self._announced:
            return await super().place(replace(request, client_id=self._fresh_id()))
        return outcome
